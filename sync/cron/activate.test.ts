import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cronStoreOf, MemoryKv } from "../../local/memory-kv.ts";
import { writeMadeUpRelease } from "../../local/rehearsal/made-up-release.ts";
import { READ_FORMATS } from "../../release/formats.ts";
import { manifestKey, POINTER_KEY, REFUSED_KEY, STAGED_KEY, shardKey } from "../../release/keys.ts";
import type { Manifest } from "../../release/manifest.ts";
import { parsePointer, parseRefused, parseStaged } from "../../release/pointer.ts";
import { activateStaged } from "./activate.ts";
import { type AskedFormats, formatsReadBy } from "./api-formats.ts";

const STAGED_AT = "2026-01-02T00:00:00.000Z";
const SETTLE_MS = 60_000;
/** Once KV has had its minute. */
const LATER = new Date(Date.parse(STAGED_AT) + SETTLE_MS);
const BUDGET = { values: 100, bytes: 1e9 };

let folder: string;
const releases: { id: string; manifest: Manifest; values: Map<string, ArrayBuffer> }[] = [];
let kv: MemoryKv;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-activate-"));
  for (const variant of [0, 1]) {
    const shape = { users: 20, items: 30, shards: 4, variant };
    const written = await writeMadeUpRelease(folder, shape, new Date(variant * 1000));
    const values = new Map<string, ArrayBuffer>();
    for (const { key } of written.manifest.values) {
      const bytes = await readFile(path.join(written.path, "values", key));
      values.set(`r/${written.release}/${key}`, new Uint8Array(bytes).buffer);
    }
    values.set(manifestKey(written.release), encode(written.manifest));
    releases.push({ id: written.release, manifest: written.manifest, values });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  kv = new MemoryKv();
  for (const { values } of releases) {
    for (const [key, value] of values) await kv.put(key, value, {});
  }
});

function encode(value: unknown): ArrayBuffer {
  return new TextEncoder().encode(JSON.stringify(value)).buffer;
}

function stage(release: string, share?: number) {
  const staged = {
    release,
    stagedAt: STAGED_AT,
    verified: 0,
    ...(share === undefined ? {} : { share }),
  };
  return kv.put(STAGED_KEY, encode(staged), {});
}

function look(options: { now?: Date; budget?: typeof BUDGET } = {}) {
  return activateStaged(cronStoreOf(kv), {
    now: options.now ?? LATER,
    budget: options.budget ?? BUDGET,
    settleMs: SETTLE_MS,
  });
}

async function textAt(key: string): Promise<string | null> {
  const value = await kv.get(key);
  return value === null ? null : new TextDecoder().decode(value);
}

async function pointer() {
  return parsePointer((await textAt(POINTER_KEY))!);
}

async function activate(release: string, share?: number) {
  await stage(release, share);
  return look();
}

const [first, second] = [() => releases[0]!.id, () => releases[1]!.id];

test("with nothing staged there is nothing to do", async () => {
  expect(await look()).toEqual({ kind: "idle" });
});

test("a whole release is activated, and what served before is remembered", async () => {
  expect(await activate(first())).toEqual({
    kind: "activated",
    release: first(),
    share: 1,
    before: [],
  });
  expect(await activate(second())).toMatchObject({ kind: "activated", before: [first()] });
  expect(await pointer()).toMatchObject({
    arms: [{ release: second(), weight: 1 }],
    previous: first(),
    generation: 2,
    changedAt: LATER.toISOString(),
  });
  expect(await kv.get(STAGED_KEY)).toBeNull();
});

test("a release staged with a share serves beside the one before it", async () => {
  await activate(first());
  expect(await activate(second(), 0.25)).toMatchObject({ kind: "activated", share: 0.25 });
  const { arms, previous } = await pointer();
  expect(arms).toEqual([
    { release: second(), weight: 0.25 },
    { release: first(), weight: 0.75 },
  ]);
  expect(previous).toBe(first());
});

test("the first release of all serves everybody, whatever its share", async () => {
  await activate(first(), 0.1);
  expect((await pointer()).arms).toEqual([{ release: first(), weight: 1 }]);
});

test("a large release is verified over several runs, and activated only after the last", async () => {
  await stage(first());
  const budget = { values: 2, bytes: 1e9 };
  expect(await look({ budget })).toEqual({
    kind: "verifying",
    release: first(),
    verified: 2,
    of: 6,
  });
  expect(await look({ budget })).toMatchObject({ verified: 4 });
  expect(await kv.get(POINTER_KEY)).toBeNull();
  expect(await look({ budget })).toMatchObject({ kind: "activated" });
});

test("a run that may read few bytes still gets on by one value", async () => {
  await stage(first());
  expect(await look({ budget: { values: 100, bytes: 1 } })).toMatchObject({ verified: 1 });
});

describe("a damaged release", () => {
  async function expectRefused(reason: string | RegExp, keys: string[]) {
    await activate(first());
    await stage(second());
    expect(await look()).toMatchObject({ kind: "refused", release: second() });
    const refused = parseRefused((await textAt(REFUSED_KEY))!);
    expect(refused).toMatchObject({ release: second(), keys });
    expect(refused.reason).toMatch(reason);
    expect((await pointer()).arms).toEqual([{ release: first(), weight: 1 }]);
    expect(await kv.get(STAGED_KEY)).toBeNull();
  }

  test("that lacks a value is refused by name", async () => {
    const key = shardKey(second(), 2);
    kv.values.delete(key);
    await expectRefused(`${key} is not in KV`, [key]);
  });

  test("with one bit changed is refused by name", async () => {
    const key = shardKey(second(), 1);
    const bytes = new Uint8Array((await kv.get(key))!);
    bytes[40]! ^= 4;
    await kv.put(key, bytes.buffer, {});
    await expectRefused(`${key} does not match its checksum`, [key]);
  });

  test("with several wrong values names them all, so that they are sent again", async () => {
    const keys = [shardKey(second(), 0), shardKey(second(), 3)];
    for (const key of keys) kv.values.delete(key);
    await expectRefused("and 1 other values are wrong", keys);
  });

  test("without its manifest is refused", async () => {
    kv.values.delete(manifestKey(second()));
    await expectRefused("its manifest is not in KV", []);
  });

  test("with a manifest that is none is refused with the member that is wrong", async () => {
    await kv.put(manifestKey(second()), encode({ format: 1, release: "?" }), {});
    await expectRefused(/This manifest is not one: /, [manifestKey(second())]);
  });
});

test("what is missing within KV's first minute may only be late: the next run looks again", async () => {
  const key = shardKey(first(), 0);
  const value = (await kv.get(key))!;
  kv.values.delete(key);
  await stage(first());
  const early = new Date(Date.parse(STAGED_AT) + SETTLE_MS - 1);
  expect(await look({ now: early })).toMatchObject({ kind: "settling", release: first() });
  expect(parseStaged((await textAt(STAGED_KEY))!)).toMatchObject({ verified: 0 });
  await kv.put(key, value, {});
  expect(await look({ now: early })).toMatchObject({ kind: "activated" });
});

test("an activation clears the refusal before it", async () => {
  await kv.put(REFUSED_KEY, encode({ release: "r", refusedAt: STAGED_AT, reason: "x" }), {});
  await activate(first());
  expect(await kv.get(REFUSED_KEY)).toBeNull();
});

test("a release staged while another is verified is not overwritten", async () => {
  await stage(first());
  const store = cronStoreOf(kv);
  const swapped = activateStaged(
    {
      ...store,
      bytes: async (key) => {
        await stage(second());
        return store.bytes(key);
      },
    },
    { now: LATER, budget: { values: 2, bytes: 1e9 }, settleMs: 0 },
  );
  expect(await swapped).toEqual({ kind: "idle" });
  expect(parseStaged((await textAt(STAGED_KEY))!).release).toBe(second());
});

test("a run that is repeated after the flip changes nothing more", async () => {
  await activate(first());
  const before = await pointer();
  await activate(first());
  expect(await pointer()).toEqual(before);
});

test("a release with more items than the quota is refused at once, whatever it was pushed by", async () => {
  const { items } = releases[0]!.manifest.dataset;
  const lookWith = (most: number | undefined) =>
    activateStaged(cronStoreOf(kv), {
      now: new Date(STAGED_AT),
      budget: BUDGET,
      settleMs: SETTLE_MS,
      mostItems: async () => most,
    });
  await stage(first());
  expect(await lookWith(items - 1)).toMatchObject({ kind: "refused" });
  const { reason, keys } = parseRefused((await textAt(REFUSED_KEY))!);
  expect(reason).toContain(
    `it has ${items} items, and the quota of this catalogue is ${items - 1}`,
  );
  expect([keys, await textAt(POINTER_KEY)]).toEqual([[], null]);
  for (const most of [items, undefined]) {
    await stage(first());
    expect(await lookWith(most)).toMatchObject({ kind: "activated" });
  }
});

describe("the Worker that will serve", () => {
  const lookAsking = (formats: () => Promise<AskedFormats>, now = LATER) =>
    activateStaged(cronStoreOf(kv), { now, budget: BUDGET, settleMs: SETTLE_MS, formats });

  test("reads what the release is written in: it is activated", async () => {
    await stage(first());
    const outcome = await lookAsking(async () => ({ kind: "reads", reads: READ_FORMATS }));
    expect(outcome).toMatchObject({ kind: "activated" });
  });

  test("cannot read a kind of value: the release is refused before the flip, at once", async () => {
    await activate(first());
    await stage(second());
    const reads = { ...READ_FORMATS, model: [1] };
    const soon = new Date(STAGED_AT);
    const outcome = await lookAsking(async () => ({ kind: "reads", reads }), soon);
    expect(outcome).toMatchObject({ kind: "refused", release: second() });
    expect(parseRefused((await textAt(REFUSED_KEY))!).reason).toMatch(
      /cannot read format \d of model \(it reads 1\): deploy one that can/,
    );
    expect((await pointer()).arms).toEqual([{ release: first(), weight: 1 }]);
  });

  test("cannot be asked: nothing is flipped, and the next run asks again", async () => {
    await stage(first());
    const silent = { fetch: async () => ({ ok: false, status: 503, json: async () => ({}) }) };
    const outcome = await lookAsking(() => formatsReadBy(silent));
    expect(outcome).toMatchObject({
      kind: "settling",
      reason: expect.stringMatching(/answered 503/),
    });
    expect(await kv.get(POINTER_KEY)).toBeNull();
    const old = { fetch: async () => ({ ok: true, status: 200, json: async () => ({}) }) };
    expect(await lookAsking(() => formatsReadBy(old))).toMatchObject({ kind: "settling" });
    const reads = {
      fetch: async () => ({ ok: true, status: 200, json: async () => ({ reads: READ_FORMATS }) }),
    };
    expect(await lookAsking(() => formatsReadBy(reads))).toMatchObject({ kind: "activated" });
  });
});
