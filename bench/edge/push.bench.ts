import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startControlPlane } from "../../local/control-plane.ts";
import { cronStoreOf, MemoryKv } from "../../local/memory-kv.ts";
import { writeMadeUpRelease } from "../../local/rehearsal/made-up-release.ts";
import { rehearsePushCrashes } from "../../local/rehearsal/push-crash.ts";
import { profileShardCountFor } from "../../release/profiles.ts";
import { shardCountFor } from "../../release/shard.ts";
import { activateStaged } from "../../sync/cron/activate.ts";
import { restKvStore } from "../../sync/kv/rest.ts";
import { planRelease, pushRelease, stageRelease } from "../../sync/push/push.ts";
import type { Benchmark } from "../benchmark.ts";

const USERS = 1_000_000;
const ITEMS = 20_000;
const INTERACTIONS = 50;

export default {
  title: "publishing: the writes of a million users, and a push stopped at every write",
  async run(say) {
    const folder = await mkdtemp(path.join(tmpdir(), "usher-bench-push-"));
    try {
      const { points, failures } = await rehearsePushCrashes(folder);
      say(`a push was stopped at each of its ${points} writes; ${failures.length} went wrong`);
      for (const failure of failures) say(failure);
      return {
        push_crash_points: points,
        push_crash_points_failed: failures.length,
        kv_writes_1m_users: await writesOfAMillionUsers(folder, say),
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
} satisfies Benchmark;

/** Publishes a release of a million users for real, over HTTP, and counts what it writes. */
async function writesOfAMillionUsers(folder: string, say: (line: string) => void): Promise<number> {
  const shape = {
    users: USERS,
    items: ITEMS,
    shards: shardCountFor(USERS),
    profiles: {
      shards: profileShardCountFor(USERS, USERS * INTERACTIONS),
      interactions: INTERACTIONS,
    },
    variant: 1,
  };
  say("writing a release of a million users, 50 interactions each");
  const { path: release, release: id } = await writeMadeUpRelease(folder, shape, new Date());
  const kv = new MemoryKv();
  let written = 0;
  kv.beforeWrite = (key) => {
    // Deleting is a meter of its own.
    if (key !== "staged" || !kv.values.has(key)) written += 1;
  };
  const plane = await startControlPlane({ kv, token: "bench" });
  try {
    const store = restKvStore({ ...plane });
    const plan = await planRelease(store, release);
    const started = performance.now();
    await pushRelease(store, release);
    const seconds = (performance.now() - started) / 1000;
    const megabytes = plan.bytes / 1e6;
    say(
      `${plan.writes} keys, ${megabytes.toFixed(0)} MB in ${plane.usage.requests} requests, ${seconds.toFixed(1)} s (${(megabytes / seconds).toFixed(0)} MB/s)`,
    );
    await stageRelease(store, id, new Date());
    const budget = { values: 1_000, bytes: 2e9 };
    const outcome = await activateStaged(cronStoreOf(kv), { now: new Date(), budget, settleMs: 0 });
    if (outcome.kind !== "activated") throw new Error(`not activated: ${JSON.stringify(outcome)}`);
    return written;
  } finally {
    await plane.stop();
  }
}
