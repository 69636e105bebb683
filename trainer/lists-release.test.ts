import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exampleJob, longJob } from "./fixtures/lists-job.ts";
import { jobKey, loadJob, rerankedJob, saveJob } from "./lists-job.ts";
import { releaseJob, writePart } from "./lists-release.ts";
import { mergeParts } from "./merge.ts";
import { ReleaseDraft } from "./release.ts";

const SIZE = { users: 400, items: 300, dimensions: 16, shardCount: 7 };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "usher-lists-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Every file below a folder with its bytes. */
async function contents(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const read = files.map(async ({ parentPath, name }): Promise<[string, string]> => {
    const file = join(parentPath, name);
    return [file.slice(folder.length), await readFile(file, "base64")];
  });
  return new Map((await Promise.all(read)).sort());
}

async function shardsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  return files.filter((file) => /values\/l\/\d+$/.test(file));
}

test("a run that is killed is taken up: finished shards stay as they are, and all bytes are the same", async () => {
  const killed = join(directory, "killed");
  const script = fileURLToPath(new URL("fixtures/make-release.ts", import.meta.url));
  const child = spawn(process.execPath, [script, killed], { stdio: "inherit" });
  const exit = once(child, "exit");
  while ((await shardsIn(killed)).length < 3 && child.exitCode === null) await sleep(5);
  child.kill("SIGKILL");
  expect(await exit).toEqual([null, "SIGKILL"]);

  const before = await shardsIn(killed);
  expect(before.length).toBeLessThan(64);
  const identity = async (file: string) => {
    const { ino, mtimeNs } = await stat(join(killed, file), { bigint: true });
    return { name: file.split("/").at(-1), ino, mtimeNs };
  };
  const kept = await Promise.all(before.map(identity));
  const { path } = await releaseJob(longJob(), killed);
  for (const { name, ino, mtimeNs } of kept) {
    const now = await stat(join(path, "values/l", name!), { bigint: true });
    expect({ ino: now.ino, mtimeNs: now.mtimeNs }).toEqual({ ino, mtimeNs });
  }
  const whole = await releaseJob(longJob(), join(directory, "whole"));
  expect(await contents(path)).toEqual(await contents(whole.path));
});

test("a shard that was damaged after it was written is made again", async () => {
  const { job } = exampleJob(SIZE);
  const whole = await releaseJob(job, join(directory, "whole"));
  const bytes = await readFile(join(whole.path, "values/l/3"));
  bytes[bytes.length - 5]! ^= 1;
  const draft = await ReleaseDraft.open(join(directory, "draft"), jobKey(job), job.createdAt);
  await draft.put("l/3", bytes);
  const resumed = await releaseJob(job, join(directory, "draft"));
  expect(await contents(resumed.path)).toEqual(await contents(whole.path));
});

test("a run that is aborted leaves its draft for the next", async () => {
  const signal = AbortSignal.abort(new Error("stop"));
  await expect(releaseJob(exampleJob(SIZE).job, directory, { signal })).rejects.toThrow("stop");
  const [draft] = await readdir(directory);
  expect(draft).toMatch(/^\.draft-/);
  const { path } = await releaseJob(exampleJob(SIZE).job, directory);
  expect(await readdir(directory)).toEqual([path.split("/").at(-1)]);
});

test("another model's draft is cleared, never taken up", async () => {
  const stale = join(directory, ".draft-00000000000000aa");
  await cp(fileURLToPath(new URL("fixtures", import.meta.url)), join(stale, "values", "l"), {
    recursive: true,
  });
  const { path } = await releaseJob(exampleJob(SIZE).job, directory);
  expect(await readdir(directory)).toEqual([path.split("/").at(-1)]);
});

test("a second training on the same events takes the draft up, though it read them later", async () => {
  const { job } = exampleJob(SIZE);
  const readAt = (takenAt: string) => ({
    ...job,
    facts: { ...job.facts, dataset: { ...job.facts.dataset, takenAt } },
  });
  const signal = AbortSignal.abort(new Error("stop"));
  await expect(releaseJob(readAt("2026-03-04T12:00:00Z"), directory, { signal })).rejects.toThrow();
  const draft = await readdir(directory);
  await expect(releaseJob(readAt("2026-03-05T12:00:00Z"), directory, { signal })).rejects.toThrow();
  expect(await readdir(directory)).toEqual(draft);
});

test("an unlisted release takes the place of an equal one, and leaves no draft", async () => {
  const { job } = exampleJob(SIZE);
  const first = await saveJob(job, directory);
  const later = new Date("2026-03-05T12:00:00Z");
  expect(await saveJob({ ...job, createdAt: later }, directory)).toBe(first);
  expect(await readdir(directory)).toEqual([first.split("/").at(-1)]);
  expect((await loadJob(first)).createdAt).toEqual(later);
});

test("jobs that differ in a weight, a profile or the plan have drafts of their own", async () => {
  const { job } = exampleJob(SIZE);
  const rows = job.served.rows.slice();
  rows[0]! += 1e-6;
  const variants = [
    job,
    { ...job, served: { ...job.served, rows } },
    { ...job, profiles: { ...job.profiles, values: job.profiles.values.map((v) => v + 1) } },
    { ...job, plan: { ...job.plan, shardCount: 8 } },
    { ...job, facts: { ...job.facts, code: "other" } },
  ];
  const paths = await Promise.all(variants.map((variant) => saveJob(variant, directory)));
  expect(new Set(paths).size).toBe(variants.length);
});

test("a failure leaves nothing behind", async () => {
  const { job } = exampleJob(SIZE);
  job.served.rows[0] = Number.NaN;
  await expect(releaseJob(job, directory)).rejects.toThrow(/not of finite numbers/);
  expect(await readdir(directory)).toEqual([]);
});

test("parts made apart merge into the bytes of a run that was not split, in any order", async () => {
  const unlisted = await saveJob(exampleJob(SIZE).job, directory);
  const parts: string[] = [];
  for (const part of [2, 3, 1]) {
    const job = await loadJob(unlisted);
    const written = await writePart(job, directory, { threads: 1, share: { part, of: 3 } });
    parts.push(written.path);
  }
  const merged = await mergeParts(parts, join(directory, "merged"));
  const whole = await releaseJob(await loadJob(unlisted), join(directory, "whole"));
  expect(merged.release).toBe(whole.release);
  expect(await contents(merged.path)).toEqual(await contents(whole.path));
});

test("a saved job can be re-ranked for diversity, alike on every machine", async () => {
  const unlisted = await saveJob(exampleJob(SIZE).job, directory);
  const diversity = { candidates: 50, lambda: 0.3 };
  const parts: string[] = [];
  for (const part of [1, 2]) {
    const job = rerankedJob(await loadJob(unlisted), diversity);
    parts.push((await writePart(job, directory, { threads: 1, share: { part, of: 2 } })).path);
  }
  const merged = await mergeParts(parts, join(directory, "merged"));
  const plain = await releaseJob(await loadJob(unlisted), join(directory, "plain"));
  expect(merged.manifest.lists.diversity).toEqual(diversity);
  const first = async ({ path }: { path: string }) => readFile(join(path, "values/l/0"), "base64");
  expect(await first(merged)).not.toBe(await first(plain));
  expect(merged.release).not.toBe(plain.release);
});

test("a part that is run again makes nothing twice", async () => {
  const job = await loadJob(await saveJob(exampleJob(SIZE).job, directory));
  const share = { part: 1, of: 2 };
  const first = await writePart(job, directory, { share });
  const again = await writePart(job, directory, { share });
  expect(first).toMatchObject({ made: 4, kept: 0 });
  expect(again).toMatchObject({ made: 0, kept: 4, users: first.users });
});

test("parts are refused when one is absent, unfinished, given twice, damaged or of another release", async () => {
  const job = await loadJob(await saveJob(exampleJob(SIZE).job, directory));
  const other = await loadJob(await saveJob(exampleJob({ ...SIZE, seed: 2 }).job, directory));
  const part = async (from: typeof job, number: number, of = 2) =>
    (await writePart(from, directory, { threads: 1, share: { part: number, of } })).path;
  const [one, two, foreign] = [await part(job, 1), await part(job, 2), await part(other, 2)];
  const into = join(directory, "merged");
  await expect(mergeParts([one], into)).rejects.toThrow(/Of 2 parts there is no 2/);
  await expect(mergeParts([one, two, two], into)).rejects.toThrow(/there twice/);
  await expect(mergeParts([one, foreign], into)).rejects.toThrow(/not parts of one release/);
  await expect(mergeParts([one, await part(job, 2, 3)], into)).rejects.toThrow(/number of parts/);
  await writeFile(join(two, "values/l/1"), "damaged");
  await expect(mergeParts([one, two], into)).rejects.toThrow(/l\/1 is not what the machine/);
  await writeFile(join(two, "part.json"), '{"format":1');
  await expect(mergeParts([one, two], into)).rejects.toMatchObject({ code: "PART_DAMAGED" });
  await rm(join(two, "part.json"));
  await expect(mergeParts([one, two], into)).rejects.toThrow(/holds no finished part/);
  expect(await readdir(into)).toEqual([]);
});

test("more parts than shards, and parts that do not count from 1, are refused", async () => {
  const job = await loadJob(await saveJob(exampleJob(SIZE).job, directory));
  for (const share of [
    { part: 0, of: 2 },
    { part: 3, of: 2 },
    { part: 1, of: 8 },
  ]) {
    await expect(writePart(job, directory, { share })).rejects.toThrow(/these lists have 7 shards/);
  }
});

test("an unlisted release that was damaged on its way is found out", async () => {
  const unlisted = await saveJob(exampleJob(SIZE).job, directory);
  const file = join(unlisted, "arrays", "served.rows");
  const bytes = await readFile(file);
  bytes[100]! ^= 1;
  await writeFile(file, bytes);
  await expect(loadJob(unlisted)).rejects.toThrow(/checksum of arrays\/served.rows/);
  await writeFile(file, bytes.subarray(4));
  await expect(loadJob(unlisted)).rejects.toThrow(/served.rows is too short/);
  await rm(file);
  await expect(loadJob(unlisted)).rejects.toMatchObject({ code: "UNLISTED_DAMAGED" });
  await writeFile(join(unlisted, "job.json"), "{");
  await expect(loadJob(unlisted)).rejects.toThrow(/job.json is no JSON/);
  await expect(loadJob(directory)).rejects.toThrow(/There is no unlisted release/);
});
