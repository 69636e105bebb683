/** What becomes of the pointer by an experiment. Pure; whoever writes KV writes these. */
import type { Pointer } from "../release/pointer.ts";
import type { RunningArm, RunningExperiment } from "../release/running-experiment.ts";

/**
 * The pointer with these experiments running, and no others. The arms serve on, since when they did:
 * an experiment is no release that has yet to prove itself.
 */
export function withExperiments(
  { experiments: _, ...pointer }: Pointer,
  running: readonly RunningExperiment[],
): Pointer {
  const tried = running.length === 0 ? {} : { experiments: [...running] };
  return { ...pointer, ...tried, generation: pointer.generation + 1 };
}

/** The pointer once an arm serves everybody: its release, where it names one, and its parameters. */
export function withArm(pointer: Pointer, arm: RunningArm, now: Date): Pointer {
  const { parameters: _, ...rest } = pointer;
  const set = Object.keys(arm.parameters).length === 0 ? {} : { parameters: arm.parameters };
  const generation = pointer.generation + 1;
  if (arm.release === null) return { ...rest, ...set, generation };
  const others = pointer.arms.filter(({ release }) => release !== arm.release);
  const largest = others.toSorted((a, b) => b.weight - a.weight)[0];
  return {
    ...rest,
    ...set,
    arms: [{ release: arm.release, weight: 1 }],
    previous: largest?.release ?? pointer.previous,
    generation,
    changedAt: now.toISOString(),
  };
}

/** The releases that the pointer's experiments serve. */
export function releasesTried({ experiments = [] }: Pointer): string[] {
  const named = experiments.flatMap(({ arms }) => arms.map(({ release }) => release));
  return [...new Set(named.filter((release) => release !== null))];
}
