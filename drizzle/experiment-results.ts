import { eq } from "drizzle-orm";
import { analyse } from "../experiments/analysis.ts";
import type { Experiment } from "../experiments/definition.ts";
import { parsePlan } from "../experiments/plan.ts";
import type { ExperimentResults } from "../experiments/results.ts";
import type { Database } from "./database.ts";
import { readOutcomes } from "./experiment-outcomes.ts";
import { explained } from "./failure.ts";
import { experiments } from "./schema.ts";

/** An experiment as it is stored; null where there is none of this id. */
export async function readExperiment(database: Database, id: string) {
  const [row] = await explained(`Reading the experiment ${id}`, () =>
    database.db.select().from(experiments).where(eq(experiments.id, id)),
  );
  if (row === undefined) return null;
  const { name, layer, mode, arms, salt, guardrails, minimumEffect, alpha, power } = row;
  const rules = { guardrails, minimumEffect, alpha, power, primary: row.primaryMetric };
  const experiment: Experiment = { id, name, layer, mode, arms, salt, ...rules };
  return { row, experiment };
}

/**
 * An experiment, judged by all that happened until it was stopped, or until now.
 *
 * @returns null where there is no experiment of this id.
 */
export async function readResults(
  database: Database,
  id: string,
  now: Date,
): Promise<ExperimentResults | null> {
  const found = await readExperiment(database, id);
  if (found === null) return null;
  const { row, experiment } = found;
  const until = row.stoppedAt ?? now;
  const plan = parsePlan(row.plan);
  return {
    experiment,
    status: row.status,
    startedAt: row.startedAt?.toISOString() ?? null,
    stoppedAt: row.stoppedAt?.toISOString() ?? null,
    shippedArm: row.shippedArm,
    judgedUntil: until.toISOString(),
    plan,
    analysis: analyse(experiment, await readOutcomes(database, experiment, until), plan),
  };
}
