/** What the edge must know of an experiment to serve it: a part of the pointer. */
import * as v from "valibot";

/** Schema of what an arm may set beside the release. */
export const armParameters = v.object({
  /** 0 ranks by score alone, 1 by how much items differ from those before them. */
  diversity: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

const runningArm = v.object({
  name: v.string(),
  /** Share of all users, above 0. */
  share: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  /** The release that it serves; null is whatever the pointer serves. */
  release: v.nullable(v.string()),
  parameters: v.optional(armParameters, {}),
});

/** Schema of {@link RunningExperiment}. */
export const runningExperiment = v.object({
  id: v.string(),
  layer: v.string(),
  /** `split`: each user sees one arm. `interleaving`: everybody in it sees both, mixed. */
  mode: v.picklist(["split", "interleaving"]),
  salt: v.string(),
  /** Where its users begin in its layer, a point 0..1; they end after the sum of its arms' shares. */
  from: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** The control first. */
  arms: v.pipe(v.array(runningArm), v.minLength(2)),
});

export type RunningArm = v.InferOutput<typeof runningArm>;
export type RunningExperiment = v.InferOutput<typeof runningExperiment>;

/** The share of all users who are in an experiment. */
export function shareOf({
  arms,
}: {
  readonly arms: readonly { readonly share: number }[];
}): number {
  return arms.reduce((sum, { share }) => sum + share, 0);
}
