import { orderLists } from "../../bin/order-lists.ts";
import { silentProgress } from "../../bin/progress.ts";
import { trainRelease } from "../../bin/train-release.ts";
import { childrenNamed } from "../../local/processes.ts";
import { startTestCloud, syntheticRatings } from "../../test/cloud.ts";
import { importDirectory } from "../../trainer/import/import-directory.ts";
import { type ListsInput, writeLists } from "../../trainer/lists.ts";
import { loadJob } from "../../trainer/lists-job.ts";
import type { Benchmark } from "../benchmark.ts";
import { cpuMs } from "../process-usage.ts";

const SHAPE = { users: 8_000, items: 1_800, ratingsPerUser: 30 };

export default {
  title: "the lists of one release, by a queue of Workers and by the trainer",
  async run(say) {
    const cloud = await startTestCloud();
    try {
      const folder = process.env["USHER_BENCH_DATA"];
      await importDirectory(
        cloud.database,
        folder ?? (await syntheticRatings(cloud.scratch, SHAPE)),
      );
      const trained = await trainRelease(cloud.around, { lists: "none" }, silentProgress);
      if (trained.kind !== "unlisted") throw new Error(`the training ended as ${trained.kind}`);
      const job = await loadJob(trained.folder);
      const { rows: users, cols: items } = job.profiles;
      say(`${users} users, ${items} items, ${job.served.dimensions} dimensions`);
      const edge = await cpuSeconds(async () => {
        const { lists } = await orderLists(cloud.around, job, silentProgress);
        if (lists.users !== users) throw new Error(`${lists.users} of ${users} users have a list`);
      });
      const trainer = await onOneThread(job);
      say(`${edge.toFixed(1)} s of workerd, ${trainer.toFixed(1)} s of the trainer's one thread`);
      return {
        lists_at_edge_users_per_second: users / edge,
        lists_at_edge_us_per_user: (edge / users) * 1e6,
        lists_at_edge_vs_trainer: trainer / edge,
      };
    } finally {
      await cloud.stop();
    }
  },
} satisfies Benchmark;

/** Seconds of workerd's processor time that something takes: waiting for KV and queue is not in it. */
async function cpuSeconds(run: () => Promise<void>): Promise<number> {
  const [workerd] = await childrenNamed("workerd");
  if (workerd === undefined) throw new Error("workerd does not run");
  const before = cpuMs(workerd);
  await run();
  return (cpuMs(workerd) - before) / 1000;
}

async function onOneThread(job: ListsInput): Promise<number> {
  const started = performance.now();
  const store = { kept: async () => null, write: async () => {} };
  await writeLists(job, store, { threads: 1 });
  return (performance.now() - started) / 1000;
}
