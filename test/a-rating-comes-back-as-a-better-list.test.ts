/** The whole loop with nothing faked: ask, rate, store, train under traffic, ask again. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

interface Item {
  readonly id: string;
  readonly title: string;
  readonly categories: readonly string[];
}

interface Answer {
  readonly release: string;
  readonly source: string;
  readonly items: readonly Item[];
}

const GENRE = "Horror";
const NEWCOMER = "a newcomer/with ünusual id";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
  await runCycle(cloud.around, silentProgress);
});
afterAll(() => cloud?.stop());

async function ask(user: string): Promise<Answer> {
  const url = `${cloud.api}/v1/users/${encodeURIComponent(user)}/recommendations`;
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

function ofGenre(items: readonly Item[]): number {
  return items.filter((item) => item.categories.includes(GENRE)).length / items.length;
}

async function someItemsOfGenre(count: number): Promise<string[]> {
  const found = await cloud.database.pool.query(
    "select item_id from items where $1 = any(categories) order by item_id limit $2",
    [GENRE, count],
  );
  return found.rows.map((row: { item_id: string }) => row.item_id);
}

/** Asks without pause until told to stop; what it gathers must be flawless. */
async function keepAsking(user: string, stopped: () => boolean) {
  const releases = new Set<string>();
  const failures: string[] = [];
  let answers = 0;
  while (!stopped()) {
    const response = await fetch(`${cloud.api}/recommend/${encodeURIComponent(user)}`);
    const items = (await response.text()).split(",");
    releases.add(response.headers.get("usher-release") ?? "none");
    if (response.status !== 200 || new Set(items).size !== 20) {
      failures.push(`HTTP ${response.status}: ${items}`);
    }
    answers++;
    await sleep(2);
  }
  return { releases, failures, answers };
}

test("ten ratings of one genre turn a newcomer's list to it, while others are served", async () => {
  const before = await ask(NEWCOMER);
  expect(before.source).toBe("trending");
  expect(before.items).toHaveLength(20);

  const rated = await someItemsOfGenre(10);
  const events = rated.map((itemId) => ({ userId: NEWCOMER, itemId, type: "rate", value: 5 }));
  const posted = await fetch(`${cloud.api}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ events }),
  });
  expect(posted.status).toBe(202);
  expect(await posted.json()).toMatchObject({ accepted: 10, rejected: 0 });

  await expect.poll(() => storedItems(NEWCOMER), { timeout: 15_000 }).toEqual([...rated].sort());

  let stopped = false;
  const traffic = keepAsking("1", () => stopped);
  const cycle = runUsher(["cycle", "--home", cloud.home.root, "--json"]);
  const { code, stdout, stderr } = await cycle.finished;
  await sleep(200);
  stopped = true;
  const { releases, failures, answers } = await traffic;
  expect(stderr).toContain("serves");
  expect(code).toBe(0);
  expect(failures).toEqual([]);
  expect(answers).toBeGreaterThan(50);
  const { release } = JSON.parse(stdout) as { release: string };
  expect([...releases]).toEqual([before.release, release]);

  const after = await ask(NEWCOMER);
  expect(after).toMatchObject({ source: "list", release });
  expect(new Set(after.items.map((item) => item.id)).size).toBe(20);
  for (const item of after.items) expect(rated).not.toContain(item.id);
  expect(ofGenre(after.items)).toBeGreaterThan(Math.max(0.5, 2 * ofGenre(before.items)));
});

async function storedItems(user: string): Promise<string[]> {
  const stored = await cloud.database.pool.query(
    "select item_id from events where user_id = $1 order by item_id",
    [user],
  );
  return stored.rows.map((row: { item_id: string }) => row.item_id);
}

test("a cycle without anything new changes nothing", async () => {
  const { release } = await ask("1");
  expect(await runCycle(cloud.around, silentProgress)).toEqual({ release, changed: false });
});

test("nobody is recommended what they have rated, and every title is distinct", async () => {
  for (const user of ["1", "2", "77", "240"]) {
    const { items, source } = await ask(user);
    expect(source).toBe("list");
    const seen = await storedItems(user);
    const ids = items.map((item) => item.id);
    expect(new Set(ids).size).toBe(20);
    expect(new Set(items.map((item) => item.title)).size).toBe(20);
    expect(ids.filter((id) => seen.includes(id))).toEqual([]);
  }
});

test("an event sent twice is stored once", async () => {
  const event = { eventId: "once", userId: "1", itemId: "5", type: "play", minutes: 12 };
  for (let n = 0; n < 2; n++) {
    const answer = await fetch(`${cloud.api}/v1/events`, {
      method: "POST",
      body: JSON.stringify(event),
    });
    expect(answer.status).toBe(202);
  }
  const count = async () => {
    const stored = await cloud.database.pool.query(
      "select count(*)::int as count from events where event_id in ('once', 'last')",
    );
    return (stored.rows[0] as { count: number }).count;
  };
  await expect.poll(count, { timeout: 15_000 }).toBe(1);
  await fetch(`${cloud.api}/v1/events`, {
    method: "POST",
    body: JSON.stringify({ ...event, eventId: "last" }),
  });
  // Once the later one is there, the second delivery has been dealt with too.
  await expect.poll(count, { timeout: 15_000 }).toBe(2);
});
