import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rehearsePushCrashes } from "../../local/rehearsal/push-crash.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-crash-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a push that is stopped at any write changes nothing that is served, and the next completes it", async () => {
  const { points, failures } = await rehearsePushCrashes(folder);
  expect(failures).toEqual([]);
  // Nine values, the manifest, staged; then the cron Worker's pointer, and staged goes.
  expect(points).toBe(13);
});
