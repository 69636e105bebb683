/** Who is served what: pointer and experiments, as one stateless function of the user. */
import { hashId } from "../release/hash.ts";
import { armOf, type Pointer } from "../release/pointer.ts";
import { type RunningArm, type RunningExperiment, shareOf } from "../release/running-experiment.ts";

/** What ranks a user's items. */
export interface Serving {
  readonly release: string;
  /** 0 ranks by score alone. */
  readonly diversity: number;
}

/** An experiment that a user is in, and their arm; null where everybody sees both, interleaved. */
export interface Exposure {
  readonly experiment: RunningExperiment;
  readonly arm: RunningArm | null;
}

/** What serves a user, and by which experiments. */
export interface Assignment extends Serving {
  /** What is interleaved with it, or null. */
  readonly rival: Serving | null;
  readonly exposures: readonly Exposure[];
}

/** The arm of a user who sees both arms of an interleaving experiment. */
export const INTERLEAVED = "interleaved";

/** The name by which an exposure's arm is known in headers and in the database. */
export function armName({ arm }: Exposure): string {
  return arm?.name ?? INTERLEAVED;
}

/**
 * What serves a user: sticky without any state, by hashes of the user with each layer and each salt.
 *
 * Experiments of one layer hold ranges of the same points, so that nobody is in two of them; the
 * points of two layers have nothing to do with each other. Nobody in particular (an empty id) is in
 * no experiment.
 */
export function assignmentOf(pointer: Pointer, userId: string): Assignment {
  const exposures = exposuresOf(pointer, userId);
  const base = { release: armOf(pointer, userId), diversity: pointer.parameters?.diversity ?? 0 };
  let serving: Serving = base;
  let rival: Serving | null = null;
  for (const { experiment, arm } of exposures) {
    if (arm !== null) serving = servedBy(arm, serving);
    else {
      rival = servedBy(experiment.arms[1]!, serving);
      serving = servedBy(experiment.arms[0]!, serving);
    }
  }
  return { ...serving, rival, exposures };
}

const NONE: readonly Exposure[] = [];

/** The experiments that a user is in. */
export function exposuresOf({ experiments }: Pointer, userId: string): readonly Exposure[] {
  if (experiments === undefined || userId === "") return NONE;
  const exposures: Exposure[] = [];
  for (const experiment of experiments) {
    const into = layerPoint(experiment.layer, userId) - experiment.from;
    if (into < 0 || into >= shareOf(experiment)) continue;
    exposures.push({ experiment, arm: armIn(experiment, userId) });
  }
  return exposures;
}

/** Where a user is in a layer, 0..1. */
function layerPoint(layer: string, userId: string): number {
  return pointOf(`layer\n${layer}\n${userId}`);
}

function armIn(experiment: RunningExperiment, userId: string): RunningArm | null {
  if (experiment.mode === "interleaving") return null;
  const { arms } = experiment;
  let point = pointOf(`arm\n${experiment.salt}\n${userId}`) * shareOf(experiment);
  for (const arm of arms) {
    point -= arm.share;
    if (point < 0) return arm;
  }
  return arms[arms.length - 1]!;
}

function servedBy({ release, parameters }: RunningArm, base: Serving): Serving {
  return {
    release: release ?? base.release,
    diversity: parameters.diversity ?? base.diversity,
  };
}

function pointOf(text: string): number {
  return hashId(text, 0).hi / 2 ** 32;
}
