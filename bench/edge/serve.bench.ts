import path from "node:path";
import { gzipSync } from "fflate";
import type { Benchmark } from "../benchmark.ts";
import { apiWorker, HELLO } from "./api-worker.ts";
import { type Load, type LoadResult, measure, median } from "./measure.ts";
import { SMALL_RELEASE, withServing } from "./serving-release.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const PAIRS = Number(process.env["USHER_BENCH_PAIRS"] ?? 9);
const SECONDS = 1;
const CONNECTIONS = 32;
/** A hello that sends what every list is sent with: what is left is the cost of finding the list. */
const DRESSED_HELLO = `const headers = new Headers({
  "content-type": "text/plain; charset=utf-8", etag: '"20261124-101500-1f2e3d4c-l"',
  "cache-control": "public, max-age=60, stale-while-revalidate=600",
  "cache-tag": "release-20261124-101500-1f2e3d4c", "usher-release": "20261124-101500-1f2e3d4c",
  "usher-source": "list", "access-control-allow-origin": "*" });
export default { fetch: () => new Response("hello", { headers }) };`;

/** Paths as an answer of each kind is asked for; users drawn by a power law. */
const KINDS = {
  recommend: (user: number) => get(`/recommend/u${user}`),
  json: (user: number) => get(`/v1/users/u${user}/recommendations`),
  filtered: (user: number) =>
    get(`/v1/users/u${user}/recommendations?category=Western&explain=true`),
  similar: (user: number) => get(`/v1/items/${user % SMALL_RELEASE.items}/similar`),
  search: (user: number) => get(`/v1/items?search=number%20${user % 40}`),
  foldin: (user: number) => ({
    method: "POST" as const,
    path: "/v1/recommendations",
    body: JSON.stringify({
      ratings: Array.from({ length: 50 }, (_, at) => ({
        itemId: String((user * 7 + at * 79) % SMALL_RELEASE.items),
        value: 1 + ((user + at) % 5),
      })),
      explain: false,
    }),
  }),
};

function get(address: string): Load["requests"][number] {
  return { method: "GET", path: address };
}

export default {
  title: "what an answer costs beside a one-line hello Worker in the same workerd",
  async run(say) {
    return withServing(SMALL_RELEASE, async ({ scratch, files }) => {
      const api = await apiWorker();
      const gzipKb = gzipSync(new TextEncoder().encode(api.bundle.script)).length / 1024;
      const wasmKb = api.bundle.wasm.reduce((sum, { contents }) => sum + contents.length, 0) / 1024;
      const workerd = await startWorkerd(path.join(scratch, "workerd"), files, [
        HELLO,
        { name: "dressed", bundle: { script: DRESSED_HELLO, wasm: [] } },
        api,
      ]);
      try {
        return {
          bundle_gzip_kb: gzipKb + wasmKb,
          ...(await compareKinds(workerd, say)),
          recommend_cpu_vs_dressed_hello: await compareDressed(workerd, say),
        };
      } finally {
        await workerd.stop();
      }
    });
  },
} satisfies Benchmark;

/** Each kind in turn with a hello before it, over and over: the median of the pairs' ratios. */
async function compareKinds(workerd: Workerd, say: (line: string) => void) {
  const figures: Record<string, number> = {};
  for (const [kind, request] of Object.entries(KINDS)) {
    const requests = powerLawUsers(2_000).map(request);
    await loaded(workerd, "api", requests, 1);
    const ratios: number[] = [];
    const tails: number[] = [];
    const cpu: number[] = [];
    const pairs = kind === "recommend" ? PAIRS : Math.ceil(PAIRS / 3);
    for (let pair = 0; pair < pairs; pair++) {
      const hello = await loaded(workerd, "hello", requests, SECONDS);
      const own = await loaded(workerd, "api", requests, SECONDS);
      if (own.failed > 0) throw new Error(`${own.failed} of ${own.total} ${kind} answers failed.`);
      ratios.push(own.perSecond / hello.perSecond);
      tails.push(own.p99Ms / Math.max(1, hello.p99Ms));
      cpu.push(own.cpuMs / hello.cpuMs);
      say(
        `${kind}: ${own.perSecond.toFixed(0)}/s (p50 ${own.p50Ms} ms, p99 ${own.p99Ms} ms, ${(own.cpuMs * 1000).toFixed(0)} µs CPU), hello ${hello.perSecond.toFixed(0)}/s (p99 ${hello.p99Ms} ms, ${(hello.cpuMs * 1000).toFixed(0)} µs)`,
      );
    }
    figures[`${kind}_vs_hello`] = median(ratios);
    figures[`${kind}_p99_vs_hello`] = median(tails);
    figures[`${kind}_cpu_vs_hello`] = median(cpu);
  }
  return figures;
}

/** CPU of a list over that of a hello with the same headers: the median of the pairs' ratios. */
async function compareDressed(workerd: Workerd, say: (line: string) => void): Promise<number> {
  const requests = powerLawUsers(2_000).map(KINDS.recommend);
  const ratios: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const dressed = await loaded(workerd, "dressed", requests, SECONDS);
    const own = await loaded(workerd, "api", requests, SECONDS);
    ratios.push(own.cpuMs / dressed.cpuMs);
  }
  say(`recommend: ${median(ratios).toFixed(2)} times the CPU of a hello with the same headers`);
  return median(ratios);
}

/** A load on one Worker, with the CPU time that workerd spent on each answer. */
async function loaded(
  workerd: Workerd,
  worker: string,
  requests: Load["requests"],
  seconds: number,
): Promise<LoadResult & { cpuMs: number }> {
  const before = workerd.cpuMs();
  const url = workerd.urls[worker]!;
  const result = await measure({ url, connections: CONNECTIONS, seconds, requests });
  return { ...result, cpuMs: (workerd.cpuMs() - before) / result.total };
}

/** Users by Zipf's law: the nth is asked for in proportion to 1/n. */
function powerLawUsers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => {
    const uniform = ((at * 0.618034) % 1) + 1e-9;
    return Math.min(SMALL_RELEASE.users - 1, Math.floor(SMALL_RELEASE.users ** uniform) - 1);
  });
}
