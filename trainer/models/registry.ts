/**
 * Every model by name. Adding one is a file beside this and a line here.
 */
import { UsherError } from "../../release/error.ts";
import { Ease } from "./ease.ts";
import { LinearAutoencoder } from "./linear-autoencoder.ts";
import type { Recommender } from "./model.ts";
import { Popularity } from "./popularity.ts";
import { RadialAutoencoder } from "./radial-autoencoder.ts";

const MODELS: Record<string, () => Recommender> = {
  popularity: () => new Popularity(),
  ease: () => new Ease(),
  "linear-autoencoder": () => new LinearAutoencoder(),
  "radial-autoencoder": () => new RadialAutoencoder(),
};

/** The model that a release ships unless told otherwise. */
export const CHOSEN_MODEL = "radial-autoencoder";

/** Names of all models, baselines first. */
export const MODEL_NAMES: readonly string[] = Object.keys(MODELS);

/** A fresh, unfitted model. Throws `MODEL_UNKNOWN` with the names there are. */
export function createModel(name: string): Recommender {
  const create = MODELS[name];
  if (create === undefined) {
    throw new UsherError(
      "MODEL_UNKNOWN",
      `There is no model "${name}"; there are ${MODEL_NAMES.join(", ")}.`,
    );
  }
  return create();
}
