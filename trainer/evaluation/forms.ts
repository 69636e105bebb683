/**
 * One division into training, validation and test, in the form that each model learns from.
 */
import { type Dataset, ratingValues } from "../dataset.ts";
import type { Recommender } from "../models/model.ts";
import { interactionWeights, type Weighting } from "../weights.ts";
import { type Split, splitStrong } from "./split.ts";
import { momentsOf, splitTemporal, type ValuesUntil } from "./temporal.ts";

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
    this.weights = divide((moment) => interactionWeights(dataset, choice.weighting, moment));
    this.#ratings = () => {
      const ratings = ratingValues(dataset);
      return divide(() => ratings);
    };
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
): (valuesUntil: ValuesUntil) => Split {
  if (split === "strong") {
    return (valuesUntil) => splitStrong(valuesUntil(Number.POSITIVE_INFINITY), options);
  }
  const moments = momentsOf(times);
  return (valuesUntil) => splitTemporal(valuesUntil, times, moments, options);
}
