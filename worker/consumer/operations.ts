import { WorkerEntrypoint } from "cloudflare:workers";
import { lastCronRuns } from "../../drizzle/cron-runs.ts";
import { type Database, openDatabase } from "../../drizzle/database.ts";
import { countStored, type StoredCounts } from "../../drizzle/events.ts";
import { noteVerdict, readResults } from "../../drizzle/experiment-results.ts";
import {
  defineExperiment,
  type EndedExperiment,
  endExperiment,
  findExperiment,
  type KnownExperiment,
  listExperiments,
  startExperiment,
} from "../../drizzle/experiments.ts";
import { type Intake, readIntake } from "../../drizzle/intake.ts";
import { type Measures, readMeasures } from "../../drizzle/measures.ts";
import { type MonthUsage, readMonthUsage } from "../../drizzle/month-usage.ts";
import { type ReleaseDrift, readReleaseDrift } from "../../drizzle/release-drift.ts";
import { type ListedRelease, listReleases, markActive } from "../../drizzle/releases.ts";
import { type HourlyCount, readTrafficHours } from "../../drizzle/traffic-hours.ts";
import type { Experiment } from "../../experiments/definition.ts";
import type { ExperimentResults } from "../../experiments/results.ts";
import { UsherError } from "../../release/error.ts";
import type { RunningExperiment } from "../../release/running-experiment.ts";
import type { ConsumerEnv } from "./environment.ts";
import { methodsOf } from "./tenant-methods.ts";

/** What is stored, how events come in, and what the cron Worker did. */
export interface Activity {
  readonly stored: StoredCounts;
  readonly intake: Intake;
  readonly traffic: readonly HourlyCount[];
  readonly month: MonthUsage;
  /** The newest releases, oldest first. */
  readonly drift: readonly ReleaseDrift[];
  /** The last run of each kind, newest first. */
  readonly cron: readonly {
    readonly run: string;
    readonly at: Date;
    readonly outcome: string;
    readonly milliseconds: number;
  }[];
}

/** What was asked for, or why it was refused: errors lose their codes between Workers. */
export type Verdict<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly message: string };

const RELEASES_SHOWN = 20;
/** A monitoring system asks for 10 s; before that it is told that the database is away. In ms. */
const DATABASE_TIMEOUT_MS = 8_000;

/** What the API Worker asks the database for operators, over a service binding. */
export class Operations extends WorkerEntrypoint<ConsumerEnv> {
  /** The same questions about a tenant's data. */
  of(tenant: string): Omit<Operations, "of"> {
    return methodsOf(Operations, this.ctx, this.env, tenant);
  }

  /** The newest releases, newest first. */
  releases(limit: number): Promise<ListedRelease[]> {
    return this.#withDatabase((database) => listReleases(database, limit));
  }

  /** @param hours how far back intake and traffic are told. */
  activity(hours: number): Promise<Activity> {
    return this.#withDatabase(async (database) => ({
      stored: await countStored(database),
      intake: await readIntake(database, hours),
      traffic: await readTrafficHours(database, hours),
      month: await readMonthUsage(database),
      drift: await readReleaseDrift(database, RELEASES_SHOWN),
      cron: (await lastCronRuns(database)).map(({ detail: _, ...run }) => run),
    }));
  }

  /** What `/metrics` tells of the database. */
  measures(): Promise<Measures> {
    return this.#withDatabase(readMeasures);
  }

  /** Notes which release the pointer has been set to. */
  served(release: string): Promise<void> {
    return this.#withDatabase((database) => markActive(database, release));
  }

  /** The newest experiments, newest first. */
  experiments(limit: number): Promise<KnownExperiment[]> {
    return this.#withDatabase((database) => listExperiments(database, limit));
  }

  experiment(id: string): Promise<Verdict<KnownExperiment>> {
    return this.#judged((database) => findExperiment(database, id));
  }

  /** Plans and notes an experiment. */
  defineExperiment(experiment: Experiment): Promise<Verdict<KnownExperiment>> {
    return this.#judged((database) => defineExperiment(database, experiment, new Date()));
  }

  /** @param verified releases that the edge knows to be whole. */
  startExperiment(id: string, verified: readonly string[]): Promise<Verdict<RunningExperiment[]>> {
    return this.#judged((database) => startExperiment(database, id, verified));
  }

  /** @param shipped the arm that everybody gets from now on, or null. */
  endExperiment(id: string, shipped: string | null): Promise<Verdict<EndedExperiment>> {
    return this.#judged(async (database) => {
      const ended = await endExperiment(database, id, shipped);
      // It has ended, whether or not it can be judged just now.
      await noteVerdict(database, id, new Date()).catch(() => {});
      return ended;
    });
  }

  /** An experiment judged by what is stored now. */
  experimentResults(id: string): Promise<Verdict<ExperimentResults>> {
    return this.#judged((database) => readResults(database, id, new Date()));
  }

  #judged<T>(ask: (database: Database) => Promise<T>): Promise<Verdict<T>> {
    return this.#withDatabase(async (database) => {
      try {
        return { ok: true, value: await ask(database) };
      } catch (error) {
        if (!(error instanceof UsherError) || error.code === "DATABASE_FAILED") throw error;
        return { ok: false, code: error.code, message: error.message };
      }
    });
  }

  async #withDatabase<T>(ask: (database: Database) => Promise<T>): Promise<T> {
    const { DATABASE_URL, DATABASE_WS_PROXY } = this.env;
    const database = openDatabase(DATABASE_URL, {
      wsProxy: DATABASE_WS_PROXY,
      connections: 1,
      timeoutMs: DATABASE_TIMEOUT_MS,
    });
    try {
      return await ask(database);
    } finally {
      this.ctx.waitUntil(database.close());
    }
  }
}
