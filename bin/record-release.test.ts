import { afterAll, beforeAll, expect, test } from "vitest";
import { findRelease, markActive, recordDataset } from "../drizzle/releases.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import type { Manifest } from "../release/manifest.ts";
import { silentProgress } from "./progress.ts";
import { recordUnlessKnown } from "./record-release.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
  const sizes = { users: 1, items: 1, interactions: 1 };
  await recordDataset(temporary.database, { hash: "known", watermark: 1, report: {}, ...sizes });
}, 30_000);
afterAll(() => temporary.stop());

const manifestOf = (release: string, hash: string) => ({ release, dataset: { hash } }) as Manifest;

test("a merged release is recorded once, and one that serves is not taken back to built", async () => {
  const { database } = temporary;
  await recordUnlessKnown(temporary, manifestOf("merged", "known"), silentProgress);
  expect(await findRelease(database, "merged")).toMatchObject({ status: "built" });
  await markActive(database, "merged");
  await recordUnlessKnown(temporary, manifestOf("merged", "known"), silentProgress);
  expect(await findRelease(database, "merged")).toMatchObject({ status: "active" });
});

test("a release from another database's dataset is left out, with a note", async () => {
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (message: string) => notes.push(message) };
  await recordUnlessKnown(temporary, manifestOf("foreign", "unknown"), progress);
  expect(await findRelease(temporary.database, "foreign")).toBeNull();
  expect(notes.join()).toContain("does not know its dataset");
});
