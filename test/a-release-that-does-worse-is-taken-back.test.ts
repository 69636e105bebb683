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

/** Asks for lists; gives how many came from which release and source. */
async function ask(times: number): Promise<Record<string, number>> {
  const came: Record<string, number> = {};
  for (let time = 0; time < times; time++) {
    const response = await fetch(`${cloud.api}/recommend/${(time % USERS) + 1}`);
    await response.text();
    const { headers } = response;
    const from = `${headers.get("usher-release")} ${headers.get("usher-source")}`;
    came[from] = (came[from] ?? 0) + 1;
  }
  return came;
}

/** What the roll-ups hold of a release, once nothing that was counted is under way any more. */
async function counted(release: string, answers: number): Promise<ReleaseTraffic> {
  const read = async () => {
    // A flush leaves with the next request after it is due.
    await (await fetch(`${cloud.api}/healthz`)).text();
    const found = await trafficSince(cloud.database, new Date(Date.now() - 3_600_000));
    return found.find((traffic) => traffic.release === release);
  };
  await expect.poll(async () => (await read())?.answers, { timeout: 20_000 }).toBe(answers);
  return (await read())!;
}

async function lastGuardrailRun() {
  await cloud.workers.runCron(GUARDRAIL_TRIGGER);
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
  expect(await ask(ENOUGH)).toEqual({ [`${first} list`]: ENOUGH });
  const nothing = { fallbacks: 0, errors: 0, clicks: 0, ratings: 0 };
  expect(await counted(first, ENOUGH)).toEqual({ release: first, answers: ENOUGH, ...nothing });
  // Another flush would not bring the same again.
  await sleep(1_200);
  expect((await counted(first, ENOUGH)).answers).toBe(ENOUGH);
});

test("what people do counts for the release that serves them", async () => {
  const events = [
    { userId: "1", itemId: "7", type: "click" },
    { userId: "2", itemId: "7", type: "rate", value: 5 },
  ];
  const init = { method: "POST", body: JSON.stringify(events) };
  expect((await fetch(`${cloud.api}/v1/events`, init)).status).toBe(202);
  const seen = async () => {
    const { clicks, ratings } = await counted(first, ENOUGH);
    return { clicks, ratings };
  };
  await expect.poll(seen, { timeout: 20_000 }).toEqual({ clicks: 1, ratings: 1 });
});

test("a release that lost its lists is watched while it has answered few, then taken back", async () => {
  second = (await runCycle(cloud.around, silentProgress, { force: true, seed: 2 })).release;
  await loseLists(second);
  const serving = async () => (await fetch(`${cloud.api}/readyz`)).json();
  await expect.poll(serving, { timeout: 20_000 }).toMatchObject({ release: second });

  expect(await ask(TOO_FEW)).toEqual({ [`${second} trending`]: TOO_FEW });
  expect(await counted(second, TOO_FEW)).toMatchObject({ fallbacks: TOO_FEW });
  expect(await lastGuardrailRun()).toMatchObject({
    outcome: "watching",
    detail: { release: second, answers: TOO_FEW },
  });
  expect(await activeRelease(cloud.around.kv)).toBe(second);

  await ask(ENOUGH - TOO_FEW);
  await counted(second, ENOUGH);
  const reason = `fallbacks went from 0.00 % of ${first}'s answers to 100.00 % of ${second}'s`;
  expect(await lastGuardrailRun()).toMatchObject({
    outcome: "rolled-back",
    detail: { release: second, to: first, reason },
  });
  expect(await activeRelease(cloud.around.kv)).toBe(first);
  await expect.poll(() => ask(1), { timeout: 20_000 }).toEqual({ [`${first} list`]: 1 });
});
