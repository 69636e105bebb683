import { and, eq, isNull } from "drizzle-orm";
import { type Analysis, analyse } from "../experiments/analysis.ts";
import { parsePlan } from "../experiments/plan.ts";
import type { ExperimentResults } from "../experiments/results.ts";
import { isArchivedSince } from "./archived-files.ts";
import type { Database } from "./database.ts";
import { readOutcomes } from "./experiment-outcomes.ts";
import { definitionOf, rowOf } from "./experiments.ts";
import { explained } from "./failure.ts";
import { experiments } from "./schema.ts";

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
  const row = await rowOf(database.db, id);
  const experiment = definitionOf(row);
  const { status, startedAt, stoppedAt, shippedArm } = row;
  const until = stoppedAt ?? now;
  const plan = parsePlan(row.plan);
  const analysis = analyse(experiment, await readOutcomes(database, experiment, until), plan);
  const isPartial = startedAt !== null && (await isArchivedSince(database, startedAt));
  return {
    experiment,
    status,
    startedAt: startedAt?.toISOString() ?? null,
    stoppedAt: stoppedAt?.toISOString() ?? null,
    shippedArm,
    judgedUntil: until.toISOString(),
    plan,
    analysis: withKeptVerdict(analysis, row.verdict as Analysis["verdict"] | null, isPartial),
  };
}

/**
 * Keeps the verdict on an experiment that has just ended: lists are forgotten, and what they told of
 * an interleaved one with them. A verdict that is there stays.
 */
export async function noteVerdict(database: Database, id: string, now: Date): Promise<void> {
  const { verdict } = (await readResults(database, id, now)).analysis;
  await explained(`Noting the verdict on ${id}`, () =>
    database.db
      .update(experiments)
      .set({ verdict })
      .where(and(eq(experiments.id, id), isNull(experiments.verdict))),
  );
}

/**
 * An interleaving whose lists are forgotten has no votes any more, and an experiment whose events were
 * archived only some of them: what was made of them when it ended stands.
 */
function withKeptVerdict(
  analysis: Analysis,
  kept: Analysis["verdict"] | null,
  isPartial: boolean,
): Analysis {
  const { preference } = analysis;
  const isForgotten = preference !== null && preference.wins + preference.losses === 0;
  return kept !== null && (isForgotten || isPartial) ? { ...analysis, verdict: kept } : analysis;
}
