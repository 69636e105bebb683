import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
const KEY = "0123456789abcdef0123";
const NOON = new Date("2026-03-04T12:00:05.678Z");

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "usher-release-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function written(value = "catalogue bytes") {
  const draft = await ReleaseDraft.open(directory, KEY, NOON);
  await draft.put("catalogue", new TextEncoder().encode(value));
  await draft.put("l/0", new Uint8Array(8).buffer);
  return draft;
}

test("a release is named by time and content, and its manifest lists every value", async () => {
  const { release, path, manifest } = await (await written()).finish(facts);
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
  const one = await (await written("one")).finish(facts);
  const two = await (await written("two")).finish(facts);
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
  const { release } = await (await written()).finish(facts);
  const again = await written();
  await expect(again.finish(facts)).rejects.toThrow(/exists already/);
  await again.abandon();
  expect(await readdir(directory)).toEqual([release]);
});

test("a draft is taken up under its key, with its time and its values", async () => {
  await written();
  const later = new Date(NOON.getTime() + 3_600_000);
  const draft = await ReleaseDraft.open(directory, KEY, later);
  expect(await draft.recall("catalogue", (value) => value.byteLength)).toBe(15);
  const damaged = () => {
    throw new Error("damaged");
  };
  expect(await draft.recall("l/0", damaged)).toBeNull();
  expect(await draft.recall("l/1", () => 1)).toBeNull();
  const { manifest } = await draft.finish(facts);
  expect(manifest.createdAt).toBe(NOON.toISOString());
  expect(manifest.values.map(({ key }) => key)).toEqual(["catalogue"]);
});

test("values are listed in one order, whatever the order of writing", async () => {
  const draft = await ReleaseDraft.open(directory, KEY, NOON);
  const keys = ["l/10", "model/1", "l/9", "catalogue", "l/0", "model/0"];
  for (const key of keys) await draft.put(key, new Uint8Array(1));
  const { manifest } = await draft.finish(facts);
  const order = ["catalogue", "model/0", "model/1", "l/0", "l/9", "l/10"];
  expect(manifest.values.map(({ key }) => key)).toEqual(order);
});

/** A draft of another key, in the hands of a process. */
async function draftOf(key: string, pid: number): Promise<string> {
  const name = `.draft-${key}`;
  await mkdir(join(directory, name, "values"), { recursive: true });
  const owner = { pid, createdAt: NOON.toISOString() };
  await writeFile(join(directory, name, "draft.json"), JSON.stringify(owner));
  return name;
}

/** Process ids end far below this one on every system that Node runs on. */
const NOBODY = 999_999_999;

test("drafts of dead processes are cleared, those of running ones are not", async () => {
  await draftOf("aaaa", NOBODY);
  const running = await draftOf("bbbb", process.ppid);
  const draft = await ReleaseDraft.open(directory, KEY, NOON);
  expect((await readdir(directory)).sort()).toEqual([`.draft-${KEY.slice(0, 16)}`, running]);
  await draft.abandon();
});

test("a draft that another process is writing is not touched", async () => {
  await draftOf(KEY.slice(0, 16), process.ppid);
  const second = ReleaseDraft.open(directory, KEY, NOON);
  await expect(second).rejects.toThrow(`Process ${process.ppid} is making the same release`);
});
