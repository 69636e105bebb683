/**
 * One division into training, validation and test, in the form that each model learns from.
 */
import type { Csr } from "../csr.ts";
import { type Dataset, ratingValues } from "../dataset.ts";
import type { Recommender } from "../models/model.ts";
import { interactionWeights, type Weighting } from "../weights.ts";
import { type Split, splitStrong } from "./split.ts";
import { momentsOf, splitTemporal } from "./temporal.ts";

export type SplitKind = "strong" | "temporal";

export interface SplitChoice {
  split?: SplitKind | undefined;
  /** How values and ages become weights. */
  weighting?: Weighting | undefined;
  seed: number;
  heldOutUsers?: number;
}

/** The same users and interactions on each side, once with weights and once with rating values. */
export class SplitForms {
  readonly weights: Split;
  readonly #ratings: () => Split;
  #made: Split | undefined;

  /** Throws what `splitStrong`, `momentsOf` and `splitTemporal` throw. */
  constructor(dataset: Dataset, choice: SplitChoice) {
    // Splitting looks at where values are, never at what they are, so both forms agree.
    const divide = divider(dataset, choice);
    this.weights = divide(interactionWeights(dataset, choice.weighting));
    this.#ratings = () => divide(ratingValues(dataset));
  }

  /** The form that `model` learns from. */
  of(model: Pick<Recommender, "learnsFrom">): Split {
    if (model.learnsFrom !== "ratings") return this.weights;
    this.#made ??= this.#ratings();
    return this.#made;
  }
}

function divider(
  { times }: Dataset,
  { split = "strong", ...options }: SplitChoice,
): (matrix: Csr) => Split {
  if (split === "strong") return (matrix) => splitStrong(matrix, options);
  const moments = momentsOf(times);
  return (matrix) => splitTemporal(matrix, times, moments, options);
}
