import { stat } from "node:fs/promises";
import path from "node:path";
import pMap from "p-map";
import { modelKey } from "../../release/keys.ts";
import { WORKER_MEMORY_BYTES } from "../../release/limits.ts";
import type { Benchmark } from "../benchmark.ts";
import { apiWorker, HELLO } from "./api-worker.ts";
import { type IsolateMemory, type MemoryProbe, probeMemory } from "./isolate-memory.ts";
import { withServing } from "./serving-release.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";
import { activate, type ReleaseShape, writeRelease } from "./written-release.ts";

const MB = 1024 * 1024;
/** The largest catalogue that is scored at the edge; its values are three times what is kept. */
const FIRST: ReleaseShape = {
  id: "first",
  prefix: "",
  users: Number(process.env["USHER_BENCH_USERS"] ?? 200_000),
  items: 100_000,
  dimensions: 256,
};
const SECOND: ReleaseShape = { ...FIRST, id: "second", users: 20_000 };
const REQUESTS = 4_000;
const CONNECTIONS = 8;
const LOOK_MS = 20;

export default {
  title: "memory of the API Worker's isolate, 100,000 items and more shards than it may keep",
  async run(say) {
    say(`writing a release of ${FIRST.users} users and ${FIRST.items} items, and a second one`);
    return withServing(FIRST, async ({ scratch, files }) => {
      await writeRelease(files, SECOND);
      const workers = [HELLO, await apiWorker(0.2)];
      const workerd = await startWorkerd(path.join(scratch, "workerd"), files, workers, {
        inspect: true,
      });
      try {
        return await measure(workerd, files, say);
      } finally {
        await workerd.stop();
      }
    });
  },
} satisfies Benchmark;

async function measure(workerd: Workerd, files: string, say: (line: string) => void) {
  const hello = await probeMemory(workerd.inspector!, "hello", workerd.urls["hello"]!);
  const api = await probeMemory(workerd.inspector!, "api", `${workerd.urls["api"]}/healthz`);
  const look = async (name: string) => {
    const memory = await api.read(true);
    say(`${name}: ${inWords(memory)}; the process ${workerd.memoryMb().toFixed(0)} MB`);
    return total(memory);
  };
  try {
    const empty = await look("before the first request");
    const watch = watched(api);
    await ask(workerd, FIRST, say);
    const first = await look("the first release, every kind of answer");
    await activate(files, SECOND.id, FIRST.id);
    await ask(workerd, SECOND, say);
    const second = await look("a second release after it");
    const peak = await watch.stop();
    say(`at most at any time, without garbage: ${inWords(peak)}`);
    // The scan's WebAssembly memory, which the inspector does not count, holds the model.
    const model = (await stat(path.join(files, modelKey(FIRST.id, 0)))).size;
    return {
      memory_limit_mb: WORKER_MEMORY_BYTES / MB,
      memory_hello_mb: total(await hello.read(true)) / MB,
      memory_empty_mb: empty / MB,
      memory_model_mb: model / MB,
      memory_full_mb: (Math.max(first, second) + model) / MB,
      memory_peak_mb: (total(peak) + model) / MB,
      memory_process_mb: workerd.memoryMb(),
    };
  } finally {
    hello.close();
    api.close();
  }
}

/** Lists, folded-in answers and searches of users all over the release: every value is read. */
async function ask(workerd: Workerd, { users, id }: ReleaseShape, say: (line: string) => void) {
  let degraded = 0;
  const requests = Array.from({ length: REQUESTS }, (_, at) => at);
  await pMap(
    requests,
    async (at) => {
      const user = (at * 7919) % users;
      const kind = at % 4;
      const of = `${workerd.urls["api"]}/v1/users/u${user}/recommendations`;
      const url =
        kind < 2
          ? `${workerd.urls["api"]}/recommend/u${user}`
          : kind === 2
            ? `${of}?limit=30&explain=true`
            : `${workerd.urls["api"]}/v1/items?search=number`;
      const response = await fetch(url);
      await response.text();
      if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
      if (response.headers.has("usher-degraded")) degraded++;
    },
    { concurrency: CONNECTIONS },
  );
  say(`${REQUESTS} answers of ${id}, ${degraded} of them around a read that came late`);
}

/** Looks all the time, without garbage, and keeps the most that it saw. */
function watched(probe: MemoryProbe): { stop(): Promise<IsolateMemory> } {
  let most: IsolateMemory = { heap: 0, buffers: 0 };
  let watching = true;
  const looking = (async () => {
    while (watching) {
      const memory = await probe.read(true);
      if (total(memory) > total(most)) most = memory;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return most;
  })();
  return {
    stop: () => {
      watching = false;
      return looking;
    },
  };
}

function total({ heap, buffers }: IsolateMemory): number {
  return heap + buffers;
}

function inWords({ heap, buffers }: IsolateMemory): string {
  return `${(heap / MB).toFixed(1)} MB of objects and ${(buffers / MB).toFixed(1)} MB of buffers`;
}
