import { and, eq, isNull } from "drizzle-orm";
import { analyse } from "../experiments/analysis.ts";
import { parsePlan } from "../experiments/plan.ts";
import type { ExperimentResults } from "../experiments/results.ts";
import type { Database } from "./database.ts";
import { readOutcomes } from "./experiment-outcomes.ts";
import { definitionOf } from "./experiments.ts";
import { explained } from "./failure.ts";
import { experiments } from "./schema.ts";

/** An experiment as it is stored; null where there is none of this id. */
export async function readExperiment(database: Database, id: string) {
  const [row] = await explained(`Reading the experiment ${id}`, () =>
    database.db.select().from(experiments).where(eq(experiments.id, id)),
  );
  if (row === undefined) return null;
  return { row, experiment: definitionOf(row) };
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

/**
 * Keeps the verdict on an experiment that has just ended: lists are forgotten, and what they told of
 * an interleaved one with them. A verdict that is there stays.
 */
export async function noteVerdict(database: Database, id: string, now: Date): Promise<void> {
  const results = await readResults(database, id, now);
  if (results === null) return;
  const { verdict } = results.analysis;
  await explained(`Noting the verdict on ${id}`, () =>
    database.db
      .update(experiments)
      .set({ verdict })
      .where(and(eq(experiments.id, id), isNull(experiments.verdict))),
  );
}
