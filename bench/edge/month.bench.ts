import { Agent, get } from "node:http";
import path from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { apiWorker } from "./api-worker.ts";
import { withServing } from "./serving-release.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";
import { activate, expectedText, type ReleaseShape, writeRelease } from "./written-release.ts";

const REQUESTS = Number(process.env["USHER_BENCH_REQUESTS"] ?? 200_000);
const USERS = Number(process.env["USHER_BENCH_USERS"] ?? 100_000);
const CONNECTIONS = 32;
const FIRST: ReleaseShape = {
  id: "first",
  prefix: "a",
  users: USERS,
  items: 4_000,
  dimensions: 64,
};
const SECOND: ReleaseShape = { ...FIRST, id: "second", prefix: "b" };

/** What became of the month's answers. */
interface Tally {
  asked: number;
  /** Not 200, degraded, or not exactly the list of the release that the header names. */
  failed: number;
  byRelease: Record<string, number>;
  firstFailure: string | null;
}

export default {
  title: `${REQUESTS} recommendations to ${USERS} users while a release is pushed, activated and rolled back`,
  async run(say) {
    return withServing(FIRST, async ({ scratch, files }) => {
      const workerd = await startWorkerd(path.join(scratch, "workerd"), files, [
        await apiWorker(0.2),
      ]);
      try {
        const tally = await month(workerd, files, say);
        say(`answers by release: ${JSON.stringify(tally.byRelease)}`);
        if (tally.firstFailure !== null) say(`the first that failed: ${tally.firstFailure}`);
        return {
          month_replay_failed: tally.failed,
          month_replay_requests: tally.asked,
          month_replay_memory_mb: workerd.memoryMb(),
        };
      } finally {
        await workerd.stop();
      }
    });
  },
} satisfies Benchmark;

/** A third of the requests before the flip, a third after it, a third after the rollback. */
async function month(workerd: Workerd, files: string, say: (line: string) => void): Promise<Tally> {
  const tally: Tally = { asked: 0, failed: 0, byRelease: {}, firstFailure: null };
  const changes = [
    { at: REQUESTS / 10, what: "pushing", run: () => writeRelease(files, SECOND) },
    { at: REQUESTS / 3, what: "activating", run: () => activate(files, SECOND.id, FIRST.id) },
    {
      at: (REQUESTS * 2) / 3,
      what: "rolling back",
      run: () => activate(files, FIRST.id, SECOND.id),
    },
  ];
  let change: Promise<void> = Promise.resolve();
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const started = performance.now();
  const client = async () => {
    while (tally.asked < REQUESTS) {
      const number = tally.asked++;
      if (changes[0] !== undefined && number >= changes[0].at) {
        const { what, run } = changes.shift()!;
        const seconds = ((performance.now() - started) / 1000).toFixed(0);
        say(`${what} at request ${number}, second ${seconds}`);
        // One after another, behind the requests.
        change = change.then(run);
      }
      await askOnce(workerd.urls["api"]!, agent, Math.floor(USERS ** Math.random()) - 1, tally);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  await change;
  agent.destroy();
  return tally;
}

async function askOnce(url: string, agent: Agent, user: number, tally: Tally): Promise<void> {
  const { status, release, degraded, body } = await read(`${url}/recommend/u${user}`, agent);
  const shape = release === FIRST.id ? FIRST : SECOND;
  tally.byRelease[release] = (tally.byRelease[release] ?? 0) + 1;
  if (status === 200 && degraded === undefined && body === expectedText(shape, user)) return;
  tally.failed++;
  tally.firstFailure ??= `user ${user}: ${status} ${release} ${degraded ?? ""} ${body.slice(0, 80)}`;
}

interface Answer {
  readonly status: number;
  readonly release: string;
  readonly degraded: string | undefined;
  readonly body: string;
}

function read(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          release: String(response.headers["usher-release"] ?? ""),
          degraded: response.headers["usher-degraded"] as string | undefined,
          body,
        }),
      );
    }).once("error", reject);
  });
}
