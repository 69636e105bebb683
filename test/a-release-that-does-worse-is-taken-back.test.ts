/** From an answer to the roll-ups to a rollback: the whole way that a guardrail depends on. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { activeRelease } from "../bin/publish.ts";
import { type ReleaseTraffic, trafficSince } from "../drizzle/traffic.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

const GUARDRAIL_TRIGGER = "*/5 * * * *";
/** Fallbacks are judged once a release has served for ten minutes. */
const WARM_MS = 11 * 60_000;
const USERS = 60;
/** A guardrail needs 1,000 answers of each release: with fewer, chance would take releases back. */
const TOO_FEW = 400;
const ENOUGH = 1_050;

let cloud: TestCloud;
let first: string;
let second: string;
beforeAll(async () => {
  cloud = await startTestCloud({ vars: { TRAFFIC_FLUSH_SECONDS: "1" } });
  const shape = { users: USERS, items: 80, ratingsPerUser: 20 };
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, shape));
  first = (await runCycle(cloud.around, silentProgress)).release;
});
afterAll(() => cloud?.stop());

/** What clients were told, by release. */
const told = new Map<string, { answers: number; fallbacks: number }>();

/** Asks for one list; gives the release that it came from. */
async function ask(user: number): Promise<string> {
  const { headers, ...response } = await fetchText(`/recommend/${user}`);
  expect(response.status).toBe(200);
  const release = headers.get("usher-release")!;
  const own = told.get(release) ?? { answers: 0, fallbacks: 0 };
  own.answers++;
  // On a machine that is busy even a sound list may miss its deadline once.
  if (/^(trending|fallback)/.test(headers.get("usher-source")!)) own.fallbacks++;
  told.set(release, own);
  return release;
}

async function askUntilToldBy(release: string, answers: number): Promise<void> {
  for (let user = 1; (told.get(release)?.answers ?? 0) < answers; user = (user % USERS) + 1) {
    expect(await ask(user)).toBe(release);
  }
}

async function fetchText(path: string, init?: RequestInit) {
  const response = await fetch(cloud.api + path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What the roll-ups hold of a release, once nothing that was counted is under way any more. */
async function counted(release: string): Promise<ReleaseTraffic> {
  const { answers } = told.get(release)!;
  const read = async () => {
    // A flush leaves with the next request after it is due.
    await fetchText("/healthz");
    const found = await trafficSince(cloud.database, new Date(Date.now() - 3_600_000));
    return found.find((traffic) => traffic.release === release);
  };
  await expect.poll(async () => (await read())?.answers, { timeout: 20_000 }).toBe(answers);
  return (await read())!;
}

/** Runs the guardrails as if some minutes had passed; gives what `usher status` says of it. */
async function lastGuardrailRun() {
  await cloud.workers.runCron(GUARDRAIL_TRIGGER, new Date(Date.now() + WARM_MS));
  const { code, stdout } = await runUsher(["status", "--json", "--home", cloud.home.root]).finished;
  expect(code).toBe(0);
  const { cron } = JSON.parse(stdout) as {
    cron: { run: string; outcome: string; detail: Record<string, unknown> }[];
  };
  return cron.find(({ run }) => run === "guardrail");
}

/** The release stays whole in its manifest, but the lists and profiles of its users are gone. */
async function loseLists(release: string): Promise<void> {
  const keys: string[] = [];
  for (const kind of ["l", "p"]) {
    const { keys: found } = await cloud.workers.kv.list({ prefix: `r/${release}/${kind}/` });
    keys.push(...found.map(({ name }) => name));
  }
  expect(keys.length).toBeGreaterThan(1);
  await cloud.around.kv.delete(keys);
}

test("every answer of a sound release is counted, once", async () => {
  await askUntilToldBy(first, ENOUGH);
  const nothing = { errors: 0, clicks: 0, ratings: 0 };
  const expected = { release: first, ...told.get(first), ...nothing };
  expect(await counted(first)).toEqual(expected);
  // The next flush does not bring the same again.
  await sleep(1_200);
  expect(await counted(first)).toEqual(expected);
});

test("what people do counts for the release that serves them", async () => {
  const events = [
    { userId: "1", itemId: "7", type: "click" },
    { userId: "2", itemId: "7", type: "rate", value: 5 },
  ];
  const init = { method: "POST", body: JSON.stringify(events) };
  expect((await fetchText("/v1/events", init)).status).toBe(202);
  const seen = async () => {
    const { clicks, ratings } = await counted(first);
    return { clicks, ratings };
  };
  await expect.poll(seen, { timeout: 20_000 }).toEqual({ clicks: 1, ratings: 1 });
});

test("a release that lost its lists is watched while it has answered few, then taken back", async () => {
  second = (await runCycle(cloud.around, silentProgress, { force: true, seed: 2 })).release;
  await loseLists(second);
  const ready = async () => (await fetchText("/readyz")).text;
  await expect.poll(ready, { timeout: 20_000 }).toContain(second);

  await askUntilToldBy(second, TOO_FEW);
  expect(await counted(second)).toMatchObject({ answers: TOO_FEW, fallbacks: TOO_FEW });
  expect(await lastGuardrailRun()).toMatchObject({
    outcome: "watching",
    detail: { release: second, answers: TOO_FEW },
  });
  expect(await activeRelease(cloud.around.kv)).toBe(second);

  await askUntilToldBy(second, ENOUGH);
  await counted(second);
  expect(await lastGuardrailRun()).toMatchObject({
    outcome: "rolled-back",
    detail: {
      release: second,
      to: first,
      reason: expect.stringMatching(
        new RegExp(`^fallbacks went from .* of ${first}'s answers to 100.00 % of ${second}'s$`),
      ),
    },
  });
  expect(await activeRelease(cloud.around.kv)).toBe(first);
  await expect.poll(() => ask(1), { timeout: 20_000 }).toBe(first);
});
