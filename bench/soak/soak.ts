import { setTimeout as sleep } from "node:timers/promises";
import { runCycle } from "../../bin/cycle.ts";
import { silentProgress } from "../../bin/progress.ts";
import { childrenNamed } from "../../local/processes.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "../../test/cloud.ts";
import { runUsher } from "../../test/command.ts";
import { importDirectory } from "../../trainer/import/import-directory.ts";
import { seededRandom } from "../../trainer/random.ts";
import type { Figures } from "../benchmark.ts";
import { Ledger } from "./ledger.ts";
import { MemoryWatch } from "./memory.ts";
import { ReleasedListsReader } from "./released-lists.ts";
import { type Site, visitUntil } from "./visitors.ts";

/** How long a soak is, and by which seed. */
export interface SoakPlan {
  readonly seconds: number;
  readonly visitors: number;
  readonly seed: number;
}

const USERS = 900;
const PAUSE_MS = 20;
const SAMPLES = 200;

/**
 * Mixed traffic over the whole local cloud: after a third of the time a training cycle by the real
 * command, after two thirds a rollback. Every answer is judged, every event looked for at the end.
 */
export async function soak(plan: SoakPlan, say: (line: string) => void): Promise<Figures> {
  const cloud = await startTestCloud();
  try {
    const shape = { users: USERS, items: 1800 };
    await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, shape));
    await runCycle(cloud.around, silentProgress);
    const ledger = new Ledger(say);
    const site = await siteOf(cloud, ledger, plan.seed);
    const memory = new MemoryWatch(await workerdOf(), (plan.seconds * 1000) / SAMPLES);
    let over = false;
    const visitors = Array.from({ length: plan.visitors }, () =>
      visitUntil(site, () => over, PAUSE_MS),
    );
    const reports = setInterval(() => report(ledger, memory, say), plan.seconds * 100);
    try {
      await changeReleases(cloud, plan.seconds, say);
    } finally {
      over = true;
      clearInterval(reports);
      memory.stop();
      await Promise.all(visitors);
    }
    const { lost, doubled } = await accountFor(cloud, ledger.acceptedEvents);
    say(`answers by release: ${JSON.stringify(Object.fromEntries(ledger.answersByRelease))}`);
    return {
      soak_seconds: plan.seconds,
      soak_answers: ledger.answers,
      soak_wrong_answers: ledger.wrongAnswers,
      soak_degraded_answers: ledger.degraded,
      soak_releases_seen: ledger.answersByRelease.size,
      soak_events: ledger.acceptedEvents.length,
      soak_events_lost: lost,
      soak_events_doubled: doubled,
      soak_memory_peak_mb: memory.peakMb,
      soak_memory_growth: memory.growth,
    };
  } finally {
    await cloud.stop();
  }
}

async function siteOf(cloud: TestCloud, ledger: Ledger, seed: number): Promise<Site> {
  const { rows } = await cloud.database.pool.query<{ item_id: string }>(
    "select item_id from events group by item_id having count(*) >= 20 order by count(*) desc",
  );
  return {
    api: cloud.api,
    releases: new ReleasedListsReader(cloud.around.kv),
    ledger,
    random: seededRandom(seed),
    users: USERS,
    itemIds: rows.map(({ item_id }) => item_id),
  };
}

async function workerdOf(): Promise<number> {
  const [pid] = await childrenNamed("workerd");
  if (pid === undefined) throw new Error("workerd does not run");
  return pid;
}

/** A cycle under traffic, then a rollback, as an operator runs them, each followed by a third of the time. */
async function changeReleases(
  { home }: TestCloud,
  seconds: number,
  say: (line: string) => void,
): Promise<void> {
  await sleep((seconds * 1000) / 3);
  for (const command of ["cycle", "rollback"]) {
    say(`usher ${command}`);
    const { code, stderr } = await runUsher([command, "--home", home.root]).finished;
    if (code !== 0) throw new Error(`usher ${command} ended with ${code}:\n${stderr}`);
    await sleep((seconds * 1000) / 3);
  }
}

function report(ledger: Ledger, memory: MemoryWatch, say: (line: string) => void): void {
  const { answers, wrongAnswers, acceptedEvents } = ledger;
  say(
    `${answers} answers, ${wrongAnswers} wrong, ${acceptedEvents.length} events, workerd ${memory.look().toFixed(0)} MB`,
  );
}

/** Waits until the queue is empty, then looks for every accepted event. */
async function accountFor(
  { database }: TestCloud,
  eventIds: readonly string[],
): Promise<{ lost: number; doubled: number }> {
  const counted = async () => {
    const { rows } = await database.pool.query<{ rows: number; ids: number }>(
      "select count(*)::int as rows, count(distinct event_id)::int as ids from events where event_id = any($1)",
      [eventIds],
    );
    return rows[0]!;
  };
  for (let waited = 0; waited < 30 && (await counted()).ids < eventIds.length; waited++) {
    await sleep(1000);
  }
  const { rows, ids } = await counted();
  return { lost: eventIds.length - ids, doubled: rows - ids };
}
