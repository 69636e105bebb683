/** Every statement about experiments: defining, starting, stopping, shipping. */
import { desc, eq, sql } from "drizzle-orm";
import type { Experiment } from "../experiments/definition.ts";
import { placed } from "../experiments/placement.ts";
import { type Plan, parsePlan, planExperiment } from "../experiments/plan.ts";
import type { Verdict } from "../experiments/verdict.ts";
import { UsherError } from "../release/error.ts";
import type { RunningArm, RunningExperiment } from "../release/running-experiment.ts";
import type { Database } from "./database.ts";
import { readBaseline } from "./experiment-outcomes.ts";
import { explained } from "./failure.ts";
import { experiments, exposures, releases } from "./schema.ts";

/** An experiment, what was told of it before, and what became of it. Times are ISO 8601. */
export interface KnownExperiment extends Experiment {
  readonly status: "draft" | "running" | "stopped";
  readonly plan: Plan | null;
  /** Users who have seen it, by arm. */
  readonly exposed: Readonly<Record<string, number>>;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
  /** What was found when it was stopped. */
  readonly verdict: Verdict | null;
  /** The arm that serves everybody since it ended. */
  readonly shippedArm: string | null;
}

/** What runs once an experiment has ended, and the arm that is to serve everybody, if any. */
export interface EndedExperiment {
  readonly running: RunningExperiment[];
  readonly arm: RunningArm | null;
}

type Row = typeof experiments.$inferSelect;
/** Whatever asks Postgres: the pool, or a transaction. */
type Asking = Pick<Database["db"], "select" | "update">;

/** Experiments start and stop one at a time; the number only has to be ours. */
const CHANGING = 7_316_404;

/**
 * Plans an experiment by what users did of late, and notes it; one that has not started yet is defined
 * anew.
 *
 * @throws UsherError `EXPERIMENT_EXISTS` when one of this id has started.
 */
export async function defineExperiment(
  database: Database,
  experiment: Experiment,
  now: Date,
): Promise<KnownExperiment> {
  const { id, primary, ...rest } = experiment;
  const plan = planExperiment(experiment, await readBaseline(database, primary, now));
  const values = { ...rest, primaryMetric: primary, plan };
  const found = await explained(`Noting the experiment ${id}`, () =>
    database.db
      .insert(experiments)
      .values({ id, ...values })
      .onConflictDoUpdate({
        target: experiments.id,
        set: values,
        setWhere: eq(experiments.status, "draft"),
      })
      .returning(),
  );
  if (found[0] !== undefined) return known(found[0], {});
  throw new UsherError(
    "EXPERIMENT_EXISTS",
    `The experiment "${id}" has started already: what it compares cannot change any more. Define another one under another id.`,
  );
}

/** The newest experiments, newest first. */
export async function listExperiments(
  database: Database,
  limit: number,
): Promise<KnownExperiment[]> {
  const exposed = sql<Record<string, number>>`(
    select coalesce(jsonb_object_agg(arm, users), '{}') from (
      select arm, count(*) as users from ${exposures}
      where ${exposures.experimentId} = ${experiments}.id group by arm) as seen)`;
  const rows = await explained("Listing the experiments", () =>
    database.db
      .select({ row: experiments, exposed })
      .from(experiments)
      .orderBy(desc(experiments.createdAt), experiments.id)
      .limit(limit),
  );
  return rows.map((found) => known(found.row, found.exposed));
}

/** @throws UsherError `EXPERIMENT_UNKNOWN`. */
export async function findExperiment(database: Database, id: string): Promise<KnownExperiment> {
  const row = await rowOf(database.db, id);
  const counted = await explained(`Counting who has seen ${id}`, () =>
    database.db
      .select({ arm: exposures.arm, users: sql<number>`count(*)::int` })
      .from(exposures)
      .where(eq(exposures.experimentId, id))
      .groupBy(exposures.arm),
  );
  return known(row, Object.fromEntries(counted.map(({ arm, users }) => [arm, users])));
}

/**
 * Notes that an experiment runs; one that runs already stays as it is.
 *
 * @param verified releases that the edge knows to be whole, beside those that have served everybody.
 * @returns all that run now, for the pointer.
 * @throws UsherError `EXPERIMENT_UNKNOWN`, `EXPERIMENT_ENDED`, `RELEASE_UNVERIFIED`, `LAYER_FULL`,
 *   `EXPERIMENTS_CONFLICT`.
 */
export async function startExperiment(
  database: Database,
  id: string,
  verified: readonly string[],
): Promise<RunningExperiment[]> {
  return changing(database, `Starting the experiment ${id}`, async (asking) => {
    const row = await rowOf(asking, id);
    const running = await runningIn(asking);
    if (row.status === "running") return running;
    if (row.status === "stopped") throw ended(id);
    const experiment = definitionOf(row);
    await refuseUnverified(asking, experiment, verified);
    const started = placed(experiment, running);
    await asking
      .update(experiments)
      .set({ status: "running", startedAt: sql`now()`, rangeFrom: started.from })
      .where(eq(experiments.id, id));
    return [...running, started];
  });
}

/**
 * Notes that an experiment has ended; `shipped` names the arm that everybody gets from now on, which
 * may also be said of one that ended before.
 *
 * @returns all that run now, for the pointer, and the arm.
 * @throws UsherError `EXPERIMENT_UNKNOWN`, `EXPERIMENT_NOT_STARTED`, `ARM_UNKNOWN`.
 */
export async function endExperiment(
  database: Database,
  id: string,
  shipped: string | null,
): Promise<EndedExperiment> {
  return changing(database, `Ending the experiment ${id}`, async (asking) => {
    const row = await rowOf(asking, id);
    if (row.status === "draft") throw notStarted(id);
    const arm = shipped === null ? null : armOf(row, shipped);
    await asking
      .update(experiments)
      .set({
        status: "stopped",
        stoppedAt: sql`coalesce(${experiments.stoppedAt}, now())`,
        ...(shipped === null ? {} : { shippedArm: shipped }),
      })
      .where(eq(experiments.id, id));
    return { running: await runningIn(asking), arm };
  });
}

async function changing<T>(
  database: Database,
  doing: string,
  change: (asking: Asking) => Promise<T>,
): Promise<T> {
  return explained(doing, () =>
    database.db.transaction(async (transaction) => {
      await transaction.execute(sql`select pg_advisory_xact_lock(${CHANGING})`);
      return change(transaction);
    }),
  );
}

/** @throws UsherError `EXPERIMENT_UNKNOWN`. */
export async function rowOf(asking: Asking, id: string): Promise<Row> {
  const [row] = await asking.select().from(experiments).where(eq(experiments.id, id));
  if (row !== undefined) return row;
  throw new UsherError(
    "EXPERIMENT_UNKNOWN",
    `There is no experiment "${id}". "usher experiments" lists those there are.`,
  );
}

async function runningIn(asking: Asking): Promise<RunningExperiment[]> {
  const rows = await asking
    .select()
    .from(experiments)
    .where(eq(experiments.status, "running"))
    .orderBy(experiments.startedAt, experiments.id);
  return rows.map(({ id, layer, mode, salt, arms, rangeFrom }) => {
    return { id, layer, mode, salt, arms, from: rangeFrom ?? 0 };
  });
}

/** What has never served is not known to be whole: nobody has read it back from Workers KV. */
async function refuseUnverified(
  asking: Asking,
  { id, arms }: Experiment,
  verified: readonly string[],
): Promise<void> {
  for (const { release } of arms) {
    if (release === null || verified.includes(release)) continue;
    const [row] = await asking
      .select({ activatedAt: releases.activatedAt })
      .from(releases)
      .where(eq(releases.release, release));
    if (row?.activatedAt != null) continue;
    throw new UsherError(
      "RELEASE_UNVERIFIED",
      `${id} would serve the release ${release}, which has never served and so was never verified in Workers KV. Let it serve a few first: "usher activate ${release} --weight 1".`,
    );
  }
}

function armOf({ id, arms }: Row, name: string): RunningArm {
  const arm = arms.find((one) => one.name === name);
  if (arm !== undefined) return arm;
  const names = arms.map((one) => one.name).join(", ");
  throw new UsherError("ARM_UNKNOWN", `${id} has no arm "${name}". It has ${names}.`);
}

/** An experiment as it was defined. */
export function definitionOf(row: Row): Experiment {
  const { id, name, layer, mode, arms, salt, primaryMetric, guardrails } = row;
  const { minimumEffect, alpha, power } = row;
  const what = { id, name, layer, mode, arms, salt, primary: primaryMetric, guardrails };
  return { ...what, minimumEffect, alpha, power };
}

function known(row: Row, exposed: Readonly<Record<string, number>>): KnownExperiment {
  const { status, createdAt, startedAt, stoppedAt, shippedArm } = row;
  return {
    ...definitionOf(row),
    status,
    plan: parsePlan(row.plan),
    exposed,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    stoppedAt: stoppedAt?.toISOString() ?? null,
    verdict: row.verdict,
    shippedArm,
  };
}

function ended(id: string): UsherError {
  return new UsherError(
    "EXPERIMENT_ENDED",
    `The experiment "${id}" has ended: what happened since is in nobody's arm. Define another one under another id.`,
  );
}

function notStarted(id: string): UsherError {
  return new UsherError(
    "EXPERIMENT_NOT_STARTED",
    `The experiment "${id}" has not started. "usher experiments start ${id}" starts it.`,
  );
}
