import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { READ_FORMATS } from "../../release/formats.ts";
import type { Pointer } from "../../release/pointer.ts";
import type { KvStore } from "../kv/store.ts";
import { checkWorker } from "./worker-checks.ts";

const NOW = new Date("2026-11-30T00:00:00Z");
const FRESH = { release: "r1", takenAt: "2026-11-20T00:00:00Z", items: 100 };
const POINTER: Pointer = {
  arms: [{ release: "r2", weight: 1 }],
  salt: "s",
  previous: "r1",
  generation: 1,
  changedAt: "2026-11-01T00:00:00Z",
};
const MANIFEST = {
  format: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
  code: "0.1.0",
  dataset: { hash: "d", watermark: 7, users: 2, items: 3, interactions: 5 },
  model: { name: "linear", kind: "neural", dimensions: 4, settings: {} },
  metrics: {},
  baseline: { name: "popularity", metrics: {} },
  gate: { passed: true, reasons: [], forced: false },
  lists: { shardCount: 1, hashSeed: 1, users: 2, listLength: 20 },
  values: [],
};

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** What the doctor says of a Worker that answers so, while r1 and r2 have these formats. */
async function examine(health: unknown, formats: { r1?: object; r2?: object } = {}) {
  server = createServer((_, response) => response.end(JSON.stringify(health)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const read = async (key: string) => {
    const release = key.split("/")[1] as "r1" | "r2";
    const manifest = { ...MANIFEST, release, formats: formats[release] ?? {} };
    return new TextEncoder().encode(JSON.stringify(manifest)).buffer;
  };
  const checks = await checkWorker(api, { read } as Partial<KvStore> as KvStore, POINTER, NOW);
  return checks.map(({ name, verdict, says }) => `${verdict} ${name}: ${says}`);
}

test("a Worker that reads what serves, with a list of its own, is well", async () => {
  expect(await examine({ reads: READ_FORMATS, fallback: FRESH })).toEqual([
    "good formats: the API Worker reads all of r2",
    "good formats: the API Worker reads all of r1",
    "good fallback: 100 popular items of r1, taken 2026-11-20T00:00:00Z",
  ]);
});

test("a Worker that cannot read what a rollback returns to is a failure", async () => {
  const said = await examine({ reads: READ_FORMATS, fallback: FRESH }, { r1: { model: 1 } });
  expect(said[1]).toMatch(
    /^failure formats: The API Worker cannot read format 1 of model \(it rea/,
  );
});

test("an empty fallback list and an old one are warned of", async () => {
  const empty = { release: null, takenAt: null, items: 0 };
  const [, , first] = await examine({ reads: READ_FORMATS, fallback: empty });
  expect(first).toMatch(/^warning fallback: The Worker's fallback list is empty/);
  await new Promise((resolve) => server.close(resolve));
  const old = { ...FRESH, takenAt: "2026-10-01T00:00:00Z" };
  const [, , second] = await examine({ reads: READ_FORMATS, fallback: old });
  expect(second).toMatch(/^warning fallback: 100 popular items of r1/);
});

test("a Worker older than this code is told to be deployed", async () => {
  expect(await examine({ status: "ok" })).toEqual([
    expect.stringMatching(/^failure formats: .*does not say which formats it reads/),
  ]);
});
