import { runCycle } from "../../bin/cycle.ts";
import { silentProgress } from "../../bin/progress.ts";
import { startTestCloud, syntheticRatings } from "../../test/cloud.ts";
import { importDirectory } from "../../trainer/import/import-directory.ts";
import { seededRandom } from "../../trainer/random.ts";
import type { Benchmark } from "../benchmark.ts";

const TIMES = 1_000;
const USERS = 240;

export default {
  title: `${TIMES.toLocaleString("en")} times POST a rating, then GET with its cursor`,
  async run(say) {
    const cloud = await startTestCloud();
    try {
      await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
      await runCycle(cloud.around, silentProgress);
      const random = seededRandom(5);
      const posts: number[] = [];
      const gets: number[] = [];
      const pairs: number[] = [];
      let failed = 0;
      for (let i = 0; i < TIMES; i++) {
        // Every tenth user is one whom the release does not know.
        const known = random() < 0.9;
        const userId = known ? String(1 + Math.floor(random() * USERS)) : `new-${i}`;
        const before = await recommended(cloud.api, userId, null);
        const itemId = before[Math.floor(random() * before.length)]!;
        const started = performance.now();
        const cursor = await rate(cloud.api, userId, itemId, 1 + Math.floor(random() * 5));
        const posted = performance.now();
        const after = await recommended(cloud.api, userId, cursor);
        const ended = performance.now();
        posts.push(posted - started);
        gets.push(ended - posted);
        pairs.push(ended - started);
        if (after.includes(itemId) || after.join() === before.join()) failed++;
      }
      say(`${failed} of ${TIMES} answers had not seen the rating`);
      return {
        read_your_writes_failed: failed,
        read_your_writes_p50_ms: quantile(pairs, 0.5),
        read_your_writes_p95_ms: quantile(pairs, 0.95),
        read_your_writes_post_p50_ms: quantile(posts, 0.5),
        read_your_writes_get_p50_ms: quantile(gets, 0.5),
      };
    } finally {
      await cloud.stop();
    }
  },
} satisfies Benchmark;

async function recommended(api: string, userId: string, cursor: string | null): Promise<string[]> {
  const query = cursor === null ? "" : `?after=${cursor}`;
  const response = await fetch(`${api}/recommend/${userId}${query}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return text.split(",");
}

async function rate(api: string, userId: string, itemId: string, value: number): Promise<string> {
  const body = JSON.stringify({ userId, itemId, type: "rate", value });
  const response = await fetch(`${api}/v1/events`, { method: "POST", body });
  const { cursor } = (await response.json()) as { cursor: string | null };
  if (cursor === null) throw new Error("the call was answered without a cursor");
  return cursor;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
