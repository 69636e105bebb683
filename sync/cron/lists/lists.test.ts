/** Orders for lists over a KV in memory: what is asked for, made, and completed, and in which order. */
import { beforeEach, expect, test } from "vitest";
import { cronStoreOf, MemoryKv } from "../../../local/memory-kv.ts";
import { noiseModel } from "../../../release/fixtures/noise-model.ts";
import { hashId } from "../../../release/hash.ts";
import { manifestKey, STAGED_KEY, UNLISTED_KEY } from "../../../release/keys.ts";
import type { ListsMessage } from "../../../release/lists-order.ts";
import { type Manifest, parseManifest } from "../../../release/manifest.ts";
import { ModelView } from "../../../release/model.ts";
import { ProfileShardBuilder } from "../../../release/profiles.ts";
import { plainScan } from "../../../release/scan.ts";
import { shardOf } from "../../../release/shard.ts";
import { askForLists } from "./ask.ts";
import { ListsMaker } from "./make.ts";

const RELEASE = "20260304-120005-aaaaaaaa";
const ITEMS = 30;
const USERS = 90;
const PROFILE_SHARDS = 3;
const SHARDS = 6;
const SEED = 1;
const START = new Date("2026-03-04T12:00:00Z");

let kv: MemoryKv;
let queue: ListsMessage[];

beforeEach(async () => {
  kv = new MemoryKv();
  queue = [];
  await put(`r/${RELEASE}/model/0`, noiseModel(ITEMS, { linear: 8 }));
  for (let shard = 0; shard < PROFILE_SHARDS; shard++) {
    await put(`r/${RELEASE}/p/${shard}`, profiles(shard));
  }
  const order = { manifest: draft(), orderedAt: START.toISOString(), askedAt: null };
  await put(UNLISTED_KEY, new TextEncoder().encode(JSON.stringify(order)).buffer);
});

function put(key: string, value: ArrayBuffer): Promise<void> {
  return kv.put(key, value, {});
}

function profiles(shard: number): ArrayBuffer {
  const shape = { shard, shardCount: PROFILE_SHARDS, hashSeed: SEED, itemCount: ITEMS };
  const builder = new ProfileShardBuilder(shape);
  for (let user = 0; user < USERS; user++) {
    const hash = hashId(`u${user}`, SEED);
    const items = [user % ITEMS];
    if (shardOf(hash, PROFILE_SHARDS) === shard) builder.add(hash, { items, weights: [1] });
  }
  return builder.build();
}

function draft(): Manifest {
  const value = { key: "model/0", bytes: 1, sha256: "0".repeat(64) };
  return parseManifest(
    JSON.stringify({
      format: 1,
      release: RELEASE,
      createdAt: START.toISOString(),
      code: "test",
      dataset: { hash: "abc", watermark: null, users: USERS, items: ITEMS, interactions: USERS },
      model: { name: "example", kind: "linear", dimensions: 8, settings: {} },
      metrics: {},
      baseline: { name: "popularity", metrics: {} },
      gate: { passed: true, reasons: [], forced: false },
      lists: { shardCount: SHARDS, hashSeed: SEED, users: 0, listLength: 20 },
      profiles: { shardCount: PROFILE_SHARDS },
      values: [value],
    }),
  );
}

function tick(minutes = 0) {
  const now = new Date(START.getTime() + minutes * 60_000);
  const send = async (messages: readonly ListsMessage[]) => void queue.push(...messages);
  return askForLists(cronStoreOf(kv), send, now);
}

function maker() {
  return new ListsMaker(cronStoreOf(kv), ([part]) => plainScan(ModelView.from(part!)));
}

async function makeAll(messages: readonly ListsMessage[]): Promise<void> {
  const one = maker();
  for (const message of messages) await one.make(message);
}

async function manifest(): Promise<Manifest | null> {
  const value = await kv.get(manifestKey(RELEASE));
  return value === null ? null : parseManifest(new TextDecoder().decode(value));
}

function lists(): Map<string, string> {
  const shards = [...kv.values].filter(([key]) => key.startsWith(`r/${RELEASE}/l/`)).sort();
  return new Map(shards.map(([key, { value }]) => [key, Buffer.from(value).toString("hex")]));
}

test("each shard of profiles is asked for once, and the release is staged when all lists are there", async () => {
  expect(await tick()).toMatchObject({ kind: "asked", missing: PROFILE_SHARDS });
  expect(queue.map(({ profileShard }) => profileShard)).toEqual([0, 1, 2]);
  expect(await tick(1)).toMatchObject({ kind: "waiting", missing: PROFILE_SHARDS });
  await makeAll(queue);
  expect(await manifest()).toBeNull();
  expect(await tick(2)).toEqual({ kind: "complete", release: RELEASE, users: USERS });
  const whole = (await manifest())!;
  expect(whole.lists).toMatchObject({ users: USERS, shardCount: SHARDS });
  expect(whole.values.map(({ key }) => key)).toEqual([
    "model/0",
    ...Array.from({ length: SHARDS }, (_, shard) => `l/${shard}`),
  ]);
  expect(kv.values.has(STAGED_KEY)).toBe(true);
  expect(await tick(3)).toEqual({ kind: "idle" });
});

test("messages in any order and twice write the same bytes", async () => {
  await tick();
  await makeAll(queue);
  const once = lists();
  await makeAll([...queue].reverse());
  await makeAll(queue);
  expect(lists()).toEqual(once);
  expect(once.size).toBe(SHARDS);
});

test("a lost message is sent again after ten minutes, alone", async () => {
  await tick();
  await makeAll(queue.filter(({ profileShard }) => profileShard !== 1));
  queue = [];
  expect(await tick(9)).toMatchObject({ kind: "waiting", missing: 1 });
  expect(await tick(10)).toMatchObject({ kind: "asked", missing: 1 });
  expect(queue).toEqual([{ v: 1, release: RELEASE, profileShard: 1 }]);
  await makeAll(queue);
  expect(await tick(11)).toMatchObject({ kind: "complete", users: USERS });
});

test("stopped at any single write, it is whole after all, and never before its manifest", async () => {
  await tick();
  const messages = queue;
  await makeAll(messages);
  await tick(1);
  const expected = { lists: lists(), manifest: await manifest() };
  const writes = SHARDS + 3;
  for (let stopAt = 0; stopAt < writes; stopAt++) {
    kv.values.clear();
    await put(`r/${RELEASE}/model/0`, noiseModel(ITEMS, { linear: 8 }));
    for (let shard = 0; shard < PROFILE_SHARDS; shard++) {
      await put(`r/${RELEASE}/p/${shard}`, profiles(shard));
    }
    const order = {
      manifest: draft(),
      orderedAt: START.toISOString(),
      askedAt: START.toISOString(),
    };
    await put(UNLISTED_KEY, new TextEncoder().encode(JSON.stringify(order)).buffer);
    let write = 0;
    kv.beforeWrite = () => {
      if (write++ === stopAt) throw new Error("killed");
    };
    const run = async () => {
      await makeAll(messages);
      await tick(1);
    };
    await expect(run()).rejects.toThrow("killed");
    expect(kv.values.has(STAGED_KEY) && (await manifest()) === null).toBe(false);
    await run();
    expect({ lists: lists(), manifest: await manifest() }).toEqual(expected);
    expect(kv.values.has(UNLISTED_KEY)).toBe(false);
    kv.beforeWrite = () => {};
  }
});

test("what nobody waits for any more changes nothing", async () => {
  await tick();
  await makeAll(queue);
  await tick(1);
  const before = [...kv.values.keys()];
  expect(await maker().make(queue[0]!)).toEqual({ kind: "not-wanted" });
  expect([...kv.values.keys()]).toEqual(before);
});
