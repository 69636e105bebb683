import { analyse } from "../experiments/analysis.ts";
import { parsePlan } from "../experiments/plan.ts";
import type { ExperimentResults } from "../experiments/results.ts";
import type { Database } from "./database.ts";
import { readOutcomes } from "./experiment-outcomes.ts";
import { findExperiment } from "./experiments.ts";

/**
 * An experiment, judged by all that happened until it was stopped, or until now.
 *
 * @throws UsherError `EXPERIMENT_UNKNOWN`.
 */
export async function readResults(
  database: Database,
  id: string,
  now: Date,
): Promise<ExperimentResults> {
  const found = await findExperiment(database, id);
  const { status, plan, exposed: _, createdAt: __, ...known } = found;
  const { startedAt, stoppedAt, shippedArm, ...experiment } = known;
  const until = stoppedAt === null ? now : new Date(stoppedAt);
  const outcomes = await readOutcomes(database, experiment, until);
  const expected = parsePlan(plan);
  return {
    experiment,
    status,
    startedAt,
    stoppedAt,
    shippedArm,
    judgedUntil: until.toISOString(),
    plan: expected,
    analysis: analyse(experiment, outcomes, expected),
  };
}
