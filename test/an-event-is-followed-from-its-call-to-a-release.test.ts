/** One id leads from a call of POST /v1/events through the logs to the dataset and its release. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

const USER = "a-name-that-no-log-may-hold";
const PATIENT = { timeout: 20_000 };

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  const shape = { users: 60, items: 80, ratingsPerUser: 20 };
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, shape));
});
afterAll(() => cloud?.stop());

/** The lines of the Workers' logs that are ours. */
async function logged(): Promise<Record<string, unknown>[]> {
  const text = await readFile(path.join(cloud.home.logs, "workers.ndjson"), "utf8");
  return text.split("\n").flatMap((line) => {
    const message = line === "" ? "" : (JSON.parse(line) as { message: string }).message;
    return message.startsWith("{") ? [JSON.parse(message) as Record<string, unknown>] : [];
  });
}

async function explained(eventId: string) {
  const { code, stdout, stderr } = await runUsher([
    ...["explain-event", eventId, "--home", cloud.home.root, "--json"],
  ]).finished;
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { seq: number; releases: unknown[]; dataset: unknown };
}

test("an event is followed from its call through message and batch to dataset and release", async () => {
  const body = JSON.stringify({ userId: USER, itemId: "1", type: "rate", value: 5 });
  const response = await fetch(`${cloud.api}/v1/events`, { method: "POST", body });
  const call = (await response.json()) as { requestId: string; verdicts: { eventId: string }[] };
  const { eventId } = call.verdicts[0]!;

  await expect.poll(logged, PATIENT).toContainEqual(
    expect.objectContaining({
      requestId: call.requestId,
      method: "POST",
      route: "/v1/events",
      status: 202,
      ms: expect.any(Number),
      events: { accepted: 1, duplicates: 0, rejected: 0, eventIds: [eventId] },
    }),
  );
  const message = expect.objectContaining({
    messageId: expect.any(String),
    requestId: call.requestId,
  });
  await expect.poll(logged, PATIENT).toContainEqual(
    expect.objectContaining({
      queue: "usher-events",
      inserted: expect.any(Number),
      calls: expect.arrayContaining([message]),
    }),
  );
  const before = await explained(eventId);
  expect(before).toMatchObject({
    eventId,
    type: "rate",
    source: "api",
    dataset: null,
    releases: [],
  });

  const { release } = await runCycle(cloud.around, silentProgress);
  const after = await explained(eventId);
  expect(after).toMatchObject({
    seq: before.seq,
    dataset: { hash: expect.any(String), watermark: expect.any(Number) },
    releases: [{ release, status: "active" }],
  });
});

test("no line of the log names a user, and an answer's line has its release and its source", async () => {
  const answer = await fetch(`${cloud.api}/v1/users/${USER}/recommendations`);
  const { requestId } = (await answer.json()) as { requestId: string };
  await expect.poll(logged, PATIENT).toContainEqual(
    expect.objectContaining({
      requestId,
      method: "GET",
      route: "/v1/users/:userId/recommendations",
      status: 200,
      release: answer.headers.get("usher-release"),
      source: answer.headers.get("usher-source"),
    }),
  );
  const text = await readFile(path.join(cloud.home.logs, "workers.ndjson"), "utf8");
  expect(text).not.toContain(USER);
});

test("an event that is not stored is said to be unknown, with where it may be", async () => {
  const { code, stderr } = await runUsher([
    ...["explain-event", "never-sent", "--home", cloud.home.root],
  ]).finished;
  expect(code).toBe(1);
  expect(stderr).toContain("in quarantine");
});
