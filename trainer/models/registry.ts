/**
 * Every model by name. Adding one is a file beside this and a line here.
 */
import { UsherError } from "../../release/error.ts";
import { Als } from "./als.ts";
import { Ease } from "./ease.ts";
import { ItemKnn } from "./item-knn.ts";
import { LinearAutoencoder } from "./linear-autoencoder.ts";
import type { Recommender } from "./model.ts";
import { Popularity } from "./popularity.ts";
import { RadialAutoencoder } from "./radial-autoencoder.ts";
import { SPACES } from "./spaces.ts";
import { Svd } from "./svd.ts";

type Settings = Readonly<Record<string, unknown>>;

const MODELS: Record<string, (settings: Settings) => Recommender> = {
  popularity: () => new Popularity(),
  bias: () => new Svd({ factors: 0 }),
  svd: () => new Svd(),
  "item-knn": () => new ItemKnn(),
  als: () => new Als(),
  ease: () => new Ease(),
  "linear-autoencoder": (settings) => new LinearAutoencoder(settings),
  "radial-autoencoder": (settings) => new RadialAutoencoder(settings),
};

/** The model that a release ships unless told otherwise. */
export const CHOSEN_MODEL = "radial-autoencoder";

/** Names of all models, baselines first. */
export const MODEL_NAMES: readonly string[] = Object.keys(MODELS);

/**
 * A fresh, unfitted model.
 *
 * Throws `MODEL_UNKNOWN` with the names there are, `SETTINGS_UNKNOWN` for a setting that it does not
 * have.
 *
 * @param settings in place of the model's own; only what a tuning can find is taken
 */
export function createModel(name: string, settings: Settings = {}): Recommender {
  const create = MODELS[name];
  if (create === undefined) {
    throw new UsherError(
      "MODEL_UNKNOWN",
      `There is no model "${name}"; there are ${MODEL_NAMES.join(", ")}.`,
    );
  }
  refuseUnknown(name, settings);
  return create(settings);
}

function refuseUnknown(name: string, settings: Settings): void {
  const known = Object.keys(SPACES[name] ?? {});
  const unknown = Object.keys(settings).find((setting) => !known.includes(setting));
  if (unknown === undefined) return;
  throw new UsherError(
    "SETTINGS_UNKNOWN",
    `${name} has no setting "${unknown}" to tune; it has ${known.join(", ") || "none"}.`,
  );
}
