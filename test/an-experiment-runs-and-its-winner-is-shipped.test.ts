/** An experiment between two releases, from its definition to the arm that serves everybody. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import type { KnownExperiment } from "../drizzle/experiments.ts";
import { assignmentOf } from "../experiments/assignment.ts";
import type { Pointer } from "../release/pointer.ts";
import { controlKeysIn } from "../sync/kv/control-keys.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

const SHAPE = { users: 90, items: 80, ratingsPerUser: 20 };
const USERS = Array.from({ length: SHAPE.users }, (_, n) => String(n + 1));
/** What is posted travels through queues. */
const PATIENT = { timeout: 20_000 };

let cloud: TestCloud;
let first: string;
let second: string;
beforeAll(async () => {
  cloud = await startTestCloud({ vars: { EXPOSURES_FLUSH_SECONDS: "0.2" } });
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, SHAPE));
  first = (await runCycle(cloud.around, silentProgress)).release;
  await importDirectory(
    cloud.database,
    await syntheticRatings(cloud.scratch, { ...SHAPE, seed: 8 }),
  );
  second = (await runCycle(cloud.around, silentProgress, { force: true })).release;
});
afterAll(() => cloud?.stop());

async function usher(...words: string[]) {
  return runUsher([...words, "--home", cloud.home.root]).finished;
}

async function ask<T>(path: string, body?: unknown): Promise<{ status: number; answer: T }> {
  const post = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  };
  const response = await fetch(`${cloud.api}${path}`, body === undefined ? {} : post);
  return { status: response.status, answer: (await response.json()) as T };
}

async function rowsOf<Row>(statement: string, ...values: unknown[]): Promise<Row[]> {
  return (await cloud.database.pool.query(statement, values)).rows as Row[];
}

async function served(user: string) {
  const response = await fetch(`${cloud.api}/recommend/${user}`);
  return {
    items: (await response.text()).split(","),
    release: response.headers.get("usher-release"),
    experiment: response.headers.get("usher-experiment"),
  };
}

async function pointerNow(): Promise<Pointer> {
  return (await controlKeysIn(cloud.around.kv)).pointer!;
}

test("it is defined by command, with what it will take", async () => {
  // Synthetic ratings are years old; a plan is made from the last weeks.
  await cloud.database.pool.query(
    "update events set occurred_at = now() - interval '1 day' * (1 + seq % 20)",
  );
  const { code, stdout } = await usher(
    ...["experiments", "define", "ranking", "--name", "The new ranking", "--effect", "40"],
    ...["--arm", `old=40,release=${first}`, "--arm", `new=40,release=${second}`],
    ...["--primary", "ratings"],
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^ranking: [\d,]+ users, about \d+ days?, to find a change of ratings by 40 %/,
  );
  expect(stdout).toMatch(/users for each arm: old [\d,]+, new [\d,]+/);
  expect(stdout).toContain(`old          40 % of the users: ${first}, seen by 0 users`);
  expect((await served("1")).experiment).toBeNull();
});

test("once started, everybody sees their arm, and what they see and do is in Postgres", async () => {
  const started = await usher("experiments", "start", "ranking", "--json");
  expect(JSON.parse(started.stdout)).toMatchObject({ id: "ranking", status: "running" });
  const pointer = await pointerNow();
  await expect
    .poll(
      async () => (await Promise.all(USERS.map(served))).some((one) => one.experiment !== null),
      PATIENT,
    )
    .toBe(true);
  const armOf = new Map<string, string>();
  for (const user of USERS) {
    const { release, exposures } = assignmentOf(pointer, user);
    const answer = await served(user);
    expect(answer.release).toBe(release);
    const arm = exposures[0]?.arm?.name ?? null;
    expect(answer.experiment).toBe(arm === null ? null : `ranking/${arm}`);
    if (arm !== null) armOf.set(user, arm);
  }
  expect(new Set(armOf.values())).toEqual(new Set(["old", "new"]));
  expect(armOf.size).toBeLessThan(USERS.length);

  const clicks = USERS.filter((user) => armOf.get(user) === "new").map((userId) => {
    return { userId, itemId: "1", type: "click", eventId: `click-${userId}` };
  });
  expect((await ask("/v1/events", clicks)).status).toBe(202);

  const exposed = async () =>
    new Map(
      (
        await rowsOf<{ user_id: string; arm: string }>(
          "select user_id, arm from exposures where experiment_id = 'ranking'",
        )
      ).map(({ user_id, arm }) => [user_id, arm]),
    );
  await expect.poll(exposed, PATIENT).toEqual(armOf);
  const clicked = () =>
    rowsOf(
      `select arm, count(*)::int as clicks from exposures join events using (user_id)
       where type = 'click' and occurred_at >= first_exposed_at group by arm`,
    );
  await expect.poll(clicked, PATIENT).toEqual([{ arm: "new", clicks: clicks.length }]);

  const lists = await rowsOf<{ user_id: string; arm: string; release: string; items: string[] }>(
    "select user_id, arm, release, items from served_lists where experiment_id = 'ranking'",
  );
  expect(new Set(lists.map((list) => list.user_id))).toEqual(new Set(armOf.keys()));
  for (const { user_id, arm, release, items } of lists) {
    expect([arm, release]).toEqual([armOf.get(user_id), arm === "new" ? second : first]);
    expect(items).toEqual((await served(user_id)).items);
  }
  const { answer } = await ask<KnownExperiment>("/v1/experiments/ranking");
  const counted = [...armOf.values()].filter((arm) => arm === "new").length;
  expect(answer.exposed).toEqual({ new: counted, old: armOf.size - counted });
  const { stdout } = await usher("experiments", "results", "ranking", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    status: "running",
    analysis: {
      arms: expect.arrayContaining([expect.objectContaining({ arm: "new", users: counted })]),
    },
  });
});

test("a second experiment that wants the same users is refused with a sentence", async () => {
  const arms = ["a", "b"].map((name) => ({ name, share: 0.3 }));
  const defined = await ask("/v1/experiments", { id: "second", name: "A/A", arms });
  expect(defined.status).toBe(201);
  const { status, answer } = await ask<{ title: string; detail: string }>(
    "/v1/experiments/second/start",
    {},
  );
  expect([status, answer.title]).toEqual([409, "LAYER_FULL"]);
  expect(answer.detail).toContain("beside ranking (80 %)");
  expect((await pointerNow()).experiments).toHaveLength(1);
});

test("an erased user is gone from it, and stays away", async () => {
  const [gone] = await rowsOf<{ user_id: string }>("select user_id from exposures limit 1");
  const user = gone!.user_id;
  expect((await fetch(`${cloud.api}/v1/users/${user}`, { method: "DELETE" })).status).toBe(200);
  const left =
    "select 1 from exposures where user_id = $1 union all select 1 from served_lists where user_id = $1";
  expect(await rowsOf(left, user)).toEqual([]);
  expect((await served(user)).experiment).toBeNull();
});

test("it stops, and what was stopped may be shipped: one pointer serves everybody", async () => {
  const stopped = await ask<KnownExperiment & { purged: string }>(
    "/v1/experiments/ranking/stop",
    {},
  );
  // workerd has no Workers Cache.
  expect(stopped.answer).toMatchObject({ status: "stopped", purged: "no Workers Cache here" });
  const experiments = async () =>
    new Set((await Promise.all(USERS.map(served))).map((one) => one.experiment));
  await expect.poll(experiments, PATIENT).toEqual(new Set([null]));

  const shipped = await usher("experiments", "ship", "ranking", "old");
  expect(shipped.stderr).toContain("ranking has ended, and old serves everybody");
  const { arms, previous, experiments: running } = await pointerNow();
  expect({ arms, previous, running }).toEqual({
    arms: [{ release: first, weight: 1 }],
    previous: second,
    running: undefined,
  });
  const releases = async () =>
    new Set((await Promise.all(USERS.map(served))).map((one) => one.release));
  await expect.poll(releases, PATIENT).toEqual(new Set([first]));
  const { stdout } = await usher("experiments");
  expect(stdout).toMatch(/ranking: The new ranking\n {2}ended just now, old serves everybody/);
  expect(stdout).toContain("of the 100 users that it takes to judge an arm.");
  expect((await usher("experiments", "start", "ranking")).stderr).toContain("has ended");
});

test("interleaving shows both rankings to everybody, and knows whose each item is", async () => {
  const arms = [first, second].map((release, at) => ({ name: `r${at}`, share: 0.5, release }));
  await ask("/v1/experiments", { id: "pair", name: "Both", mode: "interleaving", arms });
  expect((await ask("/v1/experiments/pair/start", {})).status).toBe(200);
  await expect.poll(async () => (await served("7")).experiment, PATIENT).toBe("pair/interleaved");
  const { items } = await served("7");
  const list = () =>
    rowsOf<{ items: string[]; teams: number[] }>(
      "select items, teams from served_lists where experiment_id = 'pair' and user_id = '7'",
    );
  await expect.poll(list, PATIENT).toEqual([{ items, teams: expect.any(Array) }]);
  const [{ teams } = { teams: [] }] = await list();
  expect(teams).toHaveLength(items.length);
  expect(new Set(teams)).toEqual(new Set([0, 1]));
});

test.each([
  [["define", "x", "--arm", "a=50"], "arms: an experiment has at least 2 arms"],
  [["define", "x", "--arm", "a=half"], '"half" is no percentage'],
  [["define", "x", "--arm", "a=50,model=3"], 'an arm has no "model"'],
  [["start", "nothing"], 'There is no experiment "nothing"'],
  [["ship", "ranking", "best"], 'ranking has no arm "best". It has old, new.'],
])("usher experiments %s is refused with a sentence", async (words, sentence) => {
  const { code, stderr } = await usher("experiments", ...words);
  expect(code).not.toBe(0);
  expect(stderr).toContain(sentence);
});
