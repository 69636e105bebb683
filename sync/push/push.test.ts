import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FaultPlan } from "../../local/control-plane/faults.ts";
import { type ControlPlane, startControlPlane } from "../../local/control-plane.ts";
import { MemoryKv } from "../../local/memory-kv.ts";
import { writeMadeUpRelease } from "../../local/rehearsal/made-up-release.ts";
import { manifestKey, REFUSED_KEY, STAGED_KEY, shardKey } from "../../release/keys.ts";
import { parseStaged } from "../../release/pointer.ts";
import type { WrittenRelease } from "../../trainer/release.ts";
import { restKvStore } from "../kv/rest.ts";
import type { KvStore } from "../kv/store.ts";
import { planRelease, pushRelease, stageRelease } from "./push.ts";

const SHAPE = { users: 30, items: 40, shards: 5, variant: 1 };

let folder: string;
let release: WrittenRelease;
let kv: MemoryKv;
let plane: ControlPlane;
let store: KvStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-push-"));
  release = await writeMadeUpRelease(folder, SHAPE, new Date(0));
  kv = new MemoryKv();
  await open();
});
afterEach(async () => {
  await plane.stop();
  await rm(folder, { recursive: true, force: true });
});

async function open(faults: FaultPlan = () => null) {
  await plane?.stop();
  plane = await startControlPlane({ kv, token: "t", faults });
  store = restKvStore({ ...plane, backoffMs: 1 });
}

const push = (patienceMs = 0) => pushRelease(store, release.path, { patienceMs });

test("a plan tells what a push then does, to the write and the request", async () => {
  const plan = await planRelease(store, release.path);
  expect(kv.values.size).toBe(0);
  const { requests } = plane.usage;
  await push();
  expect(plane.usage.writes).toBe(plan.writes);
  expect(plane.usage.bytesWritten).toBe(plan.bytes);
  // Beside what is planned it asks once whether the release was refused.
  expect(plane.usage.requests - requests).toBe(plan.requests + 1);
});

test("pushing again sends nothing", async () => {
  await push();
  const { writes } = plane.usage;
  await push();
  expect(plane.usage.writes).toBe(writes);
});

test("progress ends at all that was planned", async () => {
  const seen: [number, number][] = [];
  await pushRelease(store, release.path, {
    onProgress: ({ sentValues, plan }) => seen.push([sentValues, plan.writes]),
  });
  expect(seen.at(-1)).toEqual([8, 8]);
});

test("a storm of faults is got over, and every value arrives", async () => {
  const kinds = ["lost", "truncated", "unanswered", "garbled"] as const;
  await open(({ index, path }) => {
    const kind = kinds[index % 4]!;
    // A page of HTML in place of a value cannot be told from a value that is damaged.
    const allowed = kind !== "garbled" || !path.includes("/values/");
    return index % 3 !== 0 && allowed ? { kind } : null;
  });
  await push(20_000);
  expect(kv.values.size).toBe(8);
  expect((await planRelease(restKvStore({ ...plane, backoffMs: 1 }), release.path)).writes).toBe(0);
});

test("a value that the cron Worker found damaged is sent again, though its metadata look right", async () => {
  await push();
  const key = shardKey(release.release, 3);
  const right = await kv.get(key);
  const { metadata } = await kv.getWithMetadata(key);
  await kv.put(key, new ArrayBuffer(4), { metadata });
  expect((await planRelease(store, release.path)).writes).toBe(0);
  const refused = { release: release.release, refusedAt: "2026", reason: "x", keys: [key] };
  await store.write([
    { key: REFUSED_KEY, bytes: new TextEncoder().encode(JSON.stringify(refused)) },
  ]);
  await push();
  expect(await kv.get(key)).toEqual(right);
});

test("a value that KV gives back wrong stops the push before the manifest", async () => {
  const key = shardKey(release.release, 0);
  const put = kv.put.bind(kv);
  kv.put = (name, value, options) => put(name, name === key ? value.slice(8) : value, options);
  await expect(push()).rejects.toMatchObject({
    code: "PUSH_INCOMPLETE",
    message: expect.stringContaining(key),
  });
  expect(kv.values.has(manifestKey(release.release))).toBe(false);
});

test("a value that KV gives back wrong is sent again, and read again", async () => {
  const key = shardKey(release.release, 0);
  const put = kv.put.bind(kv);
  let spoilt = 0;
  kv.put = (name, value, options) =>
    put(name, name === key && spoilt++ === 0 ? value.slice(8) : value, options);
  await push(5_000);
  expect(spoilt).toBe(2);
});

test("a value that KV is late to list is waited for", async () => {
  const late = shardKey(release.release, 1);
  const list = kv.list.bind(kv);
  let listings = 0;
  kv.list = async (options) => {
    const page = await list(options);
    listings++;
    return listings < 4 ? { ...page, keys: page.keys.filter((key) => key.name !== late) } : page;
  };
  await push(5_000);
  expect(kv.values.has(manifestKey(release.release))).toBe(true);
});

test("a value that never shows up is named, with what to do", async () => {
  const key = shardKey(release.release, 1);
  const put = kv.put.bind(kv);
  kv.put = async (name, value, options) => (name === key ? undefined : put(name, value, options));
  await expect(push()).rejects.toThrow(/does not list 1 of 7 values .*l\/1\). Push again/);
});

test("a file that is not what its manifest says is never sent", async () => {
  await writeFile(path.join(release.path, "values/l/0"), "other");
  await expect(push()).rejects.toMatchObject({ code: "RELEASE_DAMAGED" });
  await rm(path.join(release.path, "values/l/0"));
  await expect(push()).rejects.toThrow(/l\/0 is missing. Train the release again/);
  expect(kv.values.size).toBe(0);
});

test("a folder that is no release is said to be none", async () => {
  await expect(pushRelease(store, folder)).rejects.toMatchObject({ code: "RELEASE_MISSING" });
});

test("a release is staged for all users, or for a share of them", async () => {
  const staged = async () => parseStaged(new TextDecoder().decode((await store.read(STAGED_KEY))!));
  await stageRelease(store, "r1", new Date(0));
  expect(await staged()).toEqual({
    release: "r1",
    stagedAt: new Date(0).toISOString(),
    verified: 0,
    share: 1,
  });
  await stageRelease(store, "r1", new Date(0), 0.1);
  expect((await staged()).share).toBe(0.1);
});

test("a release with more items than the quota is refused before anything is written", async () => {
  const { items } = release.manifest.dataset;
  const push = (mostItems: number) =>
    pushRelease(store, release.path, { patienceMs: 0, mostItems });
  const planned = planRelease(store, release.path, { mostItems: items - 1 });
  await expect(planned).rejects.toMatchObject({ code: "QUOTA_ITEMS" });
  await expect(push(items - 1)).rejects.toMatchObject({ code: "QUOTA_ITEMS" });
  expect([...kv.values.keys()]).toEqual([]);
  expect((await push(items)).release).toBe(release.release);
});
