/** A release of more values than a manifest names: pushed, verified, and refused when damaged. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../../local/control-plane.ts";
import { cronStoreOf, MemoryKv } from "../../local/memory-kv.ts";
import { writeMadeUpRelease } from "../../local/rehearsal/made-up-release.ts";
import { manifestKey, REFUSED_KEY, releasePrefix, shardKey } from "../../release/keys.ts";
import { parseManifest } from "../../release/manifest.ts";
import { parseRefused } from "../../release/pointer.ts";
import type { WrittenRelease } from "../../trainer/release.ts";
import { activateStaged } from "../cron/activate.ts";
import { restKvStore } from "../kv/rest.ts";
import { pushRelease, stageRelease } from "./push.ts";

const SHAPE = { users: 500, items: 40, shards: 2_050, variant: 1 };
const NOW = new Date(0);

let folder: string;
let release: WrittenRelease;
let plane: ControlPlane;
const kv = new MemoryKv();
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-large-"));
  release = await writeMadeUpRelease(folder, SHAPE, NOW);
  plane = await startControlPlane({ kv, token: "t" });
}, 30_000);
afterAll(async () => {
  await plane?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function publish() {
  const store = restKvStore({ ...plane, backoffMs: 1 });
  const manifest = await pushRelease(store, release.path, { patienceMs: 0 });
  await stageRelease(store, release.release, NOW);
  const budget = { values: 10_000, bytes: 1e9 };
  return {
    manifest,
    outcome: await activateStaged(cronStoreOf(kv), { now: NOW, budget, settleMs: 0 }),
  };
}

async function textAt(key: string): Promise<string> {
  return new TextDecoder().decode((await kv.get(key))!);
}

test("its manifest stays small, and every value is pushed and verified all the same", async () => {
  const { manifest, outcome } = await publish();
  expect(outcome).toMatchObject({ kind: "activated" });
  // Catalogue, model, checksums and the shards.
  expect(manifest.values).toHaveLength(3 + SHAPE.shards);
  const text = await textAt(manifestKey(release.release));
  expect(text.length).toBeLessThan(4_000);
  const served = parseManifest(text);
  expect(served.format).toBe(2);
  expect(served.listed!.values).toBe(SHAPE.shards);
});

test.each([
  ["a shard", (id: string) => shardKey(id, 1_234)],
  ["the list of checksums", (id: string) => `${releasePrefix(id)}checksums`],
])("%s that is damaged in KV is refused, named, and sent again by the next push", async (_, of) => {
  const key = of(release.release);
  await publish();
  const { metadata } = await kv.getWithMetadata(key);
  const bytes = new Uint8Array((await kv.get(key))!);
  bytes[bytes.length >> 1]! ^= 1;
  await kv.put(key, bytes.buffer, { metadata });
  await stageRelease(restKvStore({ ...plane }), release.release, NOW);
  const budget = { values: 10_000, bytes: 1e9 };
  const looked = await activateStaged(cronStoreOf(kv), { now: NOW, budget, settleMs: 0 });
  expect(looked.kind).toBe("refused");
  expect(parseRefused(await textAt(REFUSED_KEY)).keys).toEqual([key]);
  expect((await publish()).outcome).toMatchObject({ kind: "activated" });
});
