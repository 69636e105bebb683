import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseManifest } from "../release/manifest.ts";
import { type ManifestFacts, ReleaseDraft } from "./release.ts";

const facts: ManifestFacts = {
  code: "0.1.0",
  dataset: { hash: "abc", watermark: 5, users: 1, items: 1, interactions: 1 },
  model: { name: "linear-autoencoder", kind: "linear", dimensions: 2, settings: {} },
  metrics: { "ndcg@100": { mean: 0.5, ci95: [0.4, 0.6] } },
  baseline: { name: "popularity", metrics: {} },
  gate: { passed: true, reasons: [], forced: false },
  lists: { shardCount: 1, hashSeed: 1, users: 1, listLength: 20 },
};
const NOON = new Date("2026-03-04T12:00:05.678Z");

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "usher-release-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function written(value = "catalogue bytes") {
  const draft = await ReleaseDraft.open(directory);
  await draft.put("catalogue", new TextEncoder().encode(value));
  await draft.put("l/0", new Uint8Array(8).buffer);
  return draft;
}

test("a release is named by time and content, and its manifest lists every value", async () => {
  const { release, path, manifest } = await (await written()).finish(facts, NOON);
  expect(release).toMatch(/^20260304-120005-[0-9a-f]{8}$/);
  expect(path).toBe(join(directory, release));
  expect(parseManifest(await readFile(join(path, "manifest.json"), "utf8"))).toEqual(manifest);
  expect(manifest.values.map(({ key, bytes }) => [key, bytes])).toEqual([
    ["catalogue", 15],
    ["l/0", 8],
  ]);
  for (const { key, sha256 } of manifest.values) {
    const bytes = await readFile(join(path, "values", key));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  }
});

test("other content has another name at the same second", async () => {
  const one = await (await written("one")).finish(facts, NOON);
  const two = await (await written("two")).finish(facts, NOON);
  expect(one.release).not.toBe(two.release);
});

test("until it is finished nothing bears a release's name", async () => {
  const draft = await written();
  const names = await readdir(directory);
  expect(names).toHaveLength(1);
  expect(names[0]).toMatch(/^\.draft-/);
  await draft.abandon();
  expect(await readdir(directory)).toEqual([]);
});

test("the same content within the same second is refused, and the first stays", async () => {
  const { release } = await (await written()).finish(facts, NOON);
  const again = await written();
  await expect(again.finish(facts, NOON)).rejects.toThrow(/exists already/);
  await again.abandon();
  expect(await readdir(directory)).toEqual([release]);
});

test("drafts of dead processes are cleared, those of running ones are not", async () => {
  // Process ids end far below this one on every system that Node runs on.
  await mkdir(join(directory, ".draft-999999999-aaaa", "values"), { recursive: true });
  await mkdir(join(directory, `.draft-${process.pid}-bbbb`), { recursive: true });
  const draft = await ReleaseDraft.open(directory);
  const names = await readdir(directory);
  expect(names).toHaveLength(2);
  expect(names).toContain(`.draft-${process.pid}-bbbb`);
  await draft.abandon();
});
