/** Where a new experiment finds its users, and what keeps it from starting. */
import { UsherError } from "../release/error.ts";
import { type RunningExperiment, shareOf } from "../release/running-experiment.ts";
import type { Experiment } from "./definition.ts";

/** Sums of shares miss in their last bits. */
const SLACK = 1e-9;

type Ranged = Pick<RunningExperiment, "id" | "layer" | "from" | "arms">;

/**
 * An experiment as it runs beside others: on the first range of its layer that is wide enough.
 *
 * @throws UsherError `LAYER_FULL`, `EXPERIMENTS_CONFLICT`.
 */
export function placed(
  experiment: Experiment,
  running: readonly RunningExperiment[],
): RunningExperiment {
  const others = running.filter(({ id }) => id !== experiment.id);
  refuseConflict(experiment, others);
  const { id, layer, mode, salt, arms } = experiment;
  const ranges = others
    .filter((other) => other.layer === layer)
    .toSorted((a, b) => a.from - b.from);
  const from = freeRange(ranges, shareOf(experiment));
  if (from === null) throw layerFull(experiment, ranges);
  return { id, layer, mode, salt, from, arms };
}

function freeRange(ranges: readonly Ranged[], width: number): number | null {
  const ends = [0, ...ranges.map((range) => range.from + shareOf(range))];
  const begins = [...ranges.map(({ from }) => from), 1];
  const gaps = ends.map((end, at) => ({ from: end, to: begins[at]! }));
  return gaps.find((gap) => gap.to - gap.from >= width - SLACK)?.from ?? null;
}

/** Layers share users: two experiments that set the same thing for one user would undo each other. */
function refuseConflict(experiment: Experiment, others: readonly RunningExperiment[]): void {
  const sets = settingsOf(experiment);
  for (const other of others) {
    if (other.layer === experiment.layer) continue;
    const both = settingsOf(other).filter((setting) => sets.includes(setting));
    if (both.length === 0) continue;
    throw new UsherError(
      "EXPERIMENTS_CONFLICT",
      `${experiment.id} and ${other.id}, which runs, both set the ${both.join(" and the ")} of users whom they share: they are in different layers. Define ${experiment.id} in the layer "${other.layer}", or stop ${other.id}.`,
    );
  }
}

/** An interleaved list is two lists: whatever else sets either would tell on both. */
function settingsOf({ mode, arms }: Pick<RunningExperiment, "mode" | "arms">): string[] {
  if (mode === "interleaving") return ["release", "diversity"];
  const release = arms.some((arm) => arm.release !== null) ? ["release"] : [];
  const diversity = arms.some((arm) => arm.parameters.diversity !== undefined);
  return diversity ? [...release, "diversity"] : release;
}

function layerFull(experiment: Experiment, ranges: readonly Ranged[]): UsherError {
  const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;
  const held = ranges.map((range) => `${range.id} (${percent(shareOf(range))})`).join(", ");
  return new UsherError(
    "LAYER_FULL",
    `${experiment.id} takes ${percent(shareOf(experiment))} of the users in one piece, and the layer "${experiment.layer}" has no such piece left beside ${held}. Stop one of them, take smaller shares, or another layer.`,
  );
}
