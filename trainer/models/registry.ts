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
import { Svd } from "./svd.ts";

const MODELS: Record<string, () => Recommender> = {
  popularity: () => new Popularity(),
  bias: () => new Svd({ factors: 0 }),
  svd: () => new Svd(),
  "item-knn": () => new ItemKnn(),
  als: () => new Als(),
  ease: () => new Ease(),
  "linear-autoencoder": () => new LinearAutoencoder(),
};

/** The model that a release ships unless told otherwise. */
export const CHOSEN_MODEL = "linear-autoencoder";

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
