import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../../../bin/cycle.ts";
import { silentProgress } from "../../../bin/progress.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "../../../test/cloud.ts";
import { importDirectory } from "../../../trainer/import/import-directory.ts";

interface Answer {
  readonly state?: string;
  readonly title?: string;
  readonly serving: { release: string; share: number }[];
  readonly previous: string | null;
  readonly staged: { release: string } | null;
  readonly releases: { release: string; metrics: Record<string, { mean: number }> }[];
}

let cloud: TestCloud;
let first: string;
let second: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
  first = (await runCycle(cloud.around, silentProgress)).release;
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, { seed: 8 }));
  second = (await runCycle(cloud.around, silentProgress, { force: true })).release;
});
afterAll(() => cloud?.stop());

async function ask(path: string, body?: unknown): Promise<{ status: number; answer: Answer }> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(cloud.api + path, init);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return { status: response.status, answer: (await response.json()) as Answer };
}

test("the list names the newest first, with its quality and who is served by what", async () => {
  const { answer } = await ask("/v1/releases");
  expect(answer.releases.map(({ release }) => release)).toEqual([second, first]);
  expect(answer.releases[0]!.metrics["ndcg@100"]!.mean).toBeGreaterThan(0);
  expect(answer).toMatchObject({
    serving: [{ release: second, share: 1 }],
    previous: first,
    staged: null,
  });
});

test("a release tells of its data, model, quality and code; an unknown one is told so", async () => {
  const { status, answer } = await ask(`/v1/releases/${first}`);
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    release: first,
    dataset: { users: 240, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    model: { name: "radial-autoencoder" },
    gate: { passed: true },
    code: expect.any(String),
  });
  expect((await ask("/v1/releases/no-such-release")).status).toBe(404);
});

test("a share, a rollback and an activation each become one pointer", async () => {
  const shared = await ask(`/v1/releases/${first}/activate`, { share: 0.25 });
  expect(shared.status).toBe(200);
  expect(shared.answer.serving).toEqual([
    { release: first, share: 0.25 },
    { release: second, share: 0.75 },
  ]);
  const back = await ask("/v1/releases/rollback", {});
  expect(back.answer.serving).toEqual([{ release: second, share: 1 }]);
  const on = await ask(`/v1/releases/${first}/activate`, {});
  expect(on.answer).toMatchObject({ state: "serving", serving: [{ release: first, share: 1 }] });
  const again = await ask(`/v1/releases/${first}/activate`, {});
  expect(again.answer.serving).toEqual(on.answer.serving);
  expect((await ask("/v1/releases")).answer.serving).toEqual(on.answer.serving);
});

test("a release that neither serves nor served last waits for the cron Worker to verify it", async () => {
  const values = await cloud.workers.kv.get(`r/${first}/manifest`, "arrayBuffer");
  await cloud.workers.kv.put("r/another-one/manifest", values!, {});
  const staged = await ask("/v1/releases/another-one/activate", {});
  expect(staged.status).toBe(202);
  expect(staged.answer.state).toBe("staged");
  const { answer } = await ask("/v1/releases");
  expect(answer.staged?.release).toBe("another-one");
  expect(answer.serving).toEqual([{ release: first, share: 1 }]);
});

test("a release in a format that this Worker does not read does not get to serve", async () => {
  const values = await cloud.workers.kv.get(`r/${first}/manifest`, "arrayBuffer");
  const manifest = JSON.parse(new TextDecoder().decode(values!)) as object;
  const later = JSON.stringify({ ...manifest, formats: { model: 99 } });
  await cloud.workers.kv.put("r/a-later-one/manifest", new TextEncoder().encode(later).buffer, {});
  const refused = await ask("/v1/releases/a-later-one/activate", {});
  expect([refused.status, refused.answer.title]).toEqual([409, "FORMAT_UNREADABLE"]);
});

test("a change of release says what became of cached answers; without a Workers Cache they expire", async () => {
  const purged = "no Workers Cache here";
  expect((await ask("/v1/releases/rollback", {})).answer).toMatchObject({ purged });
  expect((await ask("/v1/releases/purge", { releases: [first] })).answer).toEqual({
    releases: [first],
    purged,
  });
  expect((await ask("/v1/releases/purge", { releases: [] })).status).toBe(400);
  await ask("/v1/releases/rollback", {});
});

test.each([
  ["/v1/releases/none-of-ours/activate", {}, 404, "UNKNOWN_RELEASE"],
  ["/v1/releases/x/activate", { share: 0 }, 400, "BAD_PARAMETER"],
  ["/v1/releases/x/activate", { share: 2 }, 400, "BAD_PARAMETER"],
  ["/v1/releases/x/activate", { weight: 1 }, 400, "BAD_PARAMETER"],
])("%s with %j is refused with %i", async (path, body, status, title) => {
  const refused = await ask(path, body);
  expect([refused.status, refused.answer.title]).toEqual([status, title]);
});

test("the status tells what is stored, hour by hour, and what the cron Worker did", async () => {
  const response = await fetch(`${cloud.api}/v1/status`);
  const status = (await response.json()) as {
    stored: { events: number };
    intake: { hours: { events: number }[]; deadLetters: number; partial: boolean };
    cron: { run: string; outcome: string }[];
  };
  const { hours, deadLetters, partial } = status.intake;
  expect(hours).toHaveLength(24);
  expect(hours.reduce((sum, { events }) => sum + events, 0)).toBe(status.stored.events);
  expect([deadLetters, partial]).toEqual([0, false]);
  expect(status.cron).toContainEqual(
    expect.objectContaining({ run: "activate", outcome: "activated" }),
  );
});
