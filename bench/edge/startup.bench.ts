import path from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { apiWorker, HELLO } from "./api-worker.ts";
import { median } from "./measure.ts";
import { SMALL_RELEASE, withServing } from "./serving-release.ts";
import { type BenchWorker, startWorkerd } from "./workerd.ts";

const ROUNDS = 15;

/** One start, in milliseconds. */
interface Start {
  /** From the start of the process to the first answer of its one Worker. */
  readonly answers: number;
  /** From there to the first list, which reads pointer, manifest, catalogue and shard; the second. */
  readonly firstList: number;
  readonly secondList: number;
}

export default {
  title: "a workerd from nothing to the first answer: the API Worker beside a one-line hello",
  async run(say) {
    return withServing(SMALL_RELEASE, async ({ scratch, files }) => {
      const api = await apiWorker();
      const [hellos, apis]: [Start[], Start[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        hellos.push(await startOnce(path.join(scratch, `hello-${round}`), files, HELLO));
        apis.push(await startOnce(path.join(scratch, `api-${round}`), files, api));
      }
      const of = (starts: readonly Start[], part: keyof Start) =>
        median(starts.map((start) => start[part]));
      const more = median(apis.map(({ answers }, round) => answers - hellos[round]!.answers));
      say(`hello answers after ${of(hellos, "answers").toFixed(1)} ms`);
      say(`the API Worker after ${of(apis, "answers").toFixed(1)} ms: ${more.toFixed(1)} more`);
      return {
        startup_hello_ms: of(hellos, "answers"),
        startup_ms: of(apis, "answers"),
        startup_over_hello_ms: more,
        startup_first_list_ms: of(apis, "firstList"),
        startup_second_list_ms: of(apis, "secondList"),
      };
    });
  },
} satisfies Benchmark;

async function startOnce(directory: string, files: string, worker: BenchWorker): Promise<Start> {
  const workerd = await startWorkerd(directory, files, [worker]);
  try {
    const url = `${workerd.urls[worker.name]!}/recommend/u7`;
    const firstList = await timed(url);
    return { answers: workerd.startMs, firstList, secondList: await timed(url) };
  } finally {
    await workerd.stop();
  }
}

async function timed(url: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(url);
  await response.text();
  if (!response.ok || response.headers.has("usher-degraded")) {
    throw new Error(`${url} answered ${response.status} ${response.headers.get("usher-degraded")}`);
  }
  return performance.now() - started;
}
