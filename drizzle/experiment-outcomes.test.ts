import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { OutcomeDay } from "../experiments/outcomes.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { readBaseline, readOutcomes } from "./experiment-outcomes.ts";
import { noteVerdict, readResults } from "./experiment-results.ts";
import { loggedLists } from "./logged-lists.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 10);
const SPLIT = {
  id: "e",
  mode: "split",
  primary: "clicks",
  guardrails: ["liked", "minutes"],
} as const;

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());
beforeEach(async () => {
  await temporary.database.pool.query("truncate experiments, events, event_ids, users cascade");
  await temporary.database.pool.query(
    "insert into experiments (id, name, arms, salt) values ('e', 'E', '[]', 'e'), ('other', 'O', '[]', 'o')",
  );
});

/** A moment of the tenth of January or later: day 0 is the tenth. */
function at(day: number, hour = 12): Date {
  return new Date(START + day * DAY + hour * 3_600_000);
}

async function expose(user: string, arm: string, when: Date, experiment = "e"): Promise<void> {
  await temporary.database.pool.query("insert into exposures values ($1, $2, $3, $4, $4, 1)", [
    experiment,
    user,
    arm,
    when,
  ]);
}

let events = 0;
async function happened(
  user: string,
  type: string,
  when: Date,
  more: { value?: number; minutes?: number; item?: string } = {},
): Promise<void> {
  await temporary.database.pool.query(
    "insert into events (event_id, user_id, item_id, type, value, minutes, occurred_at, source) values ($1, $2, $3, $4, $5, $6, $7, 'test')",
    [`v${++events}`, user, more.item ?? "i", type, more.value ?? null, more.minutes ?? null, when],
  );
}

async function show(user: string, when: Date, items: string[], teams: number[]): Promise<void> {
  await temporary.database.pool.query(
    "insert into served_lists values ($1, 'e', $2, 'interleaved', 'r', $3, $4, $5)",
    [`l${++events}`, user, when, items, teams],
  );
}

function row(days: readonly OutcomeDay[], metric: string, arm: string, day: string) {
  const found = days.filter((one) => one.metric === metric && one.arm === arm && one.day === day);
  expect(found).toHaveLength(1);
  const { metric: _m, arm: _a, day: _d, segment: _s, ...sums } = found[0]!;
  return sums;
}

test("sums, squares and products are those of the users so far, day by day", async () => {
  await expose("ann", "a", at(0));
  await expose("bob", "a", at(1));
  // Before: two clicks of Ann's within four weeks and one long ago. After: one, then two more.
  await happened("ann", "click", at(-1));
  await happened("ann", "click", at(0, 11));
  await happened("ann", "click", at(-29));
  await happened("ann", "click", at(0, 13));
  await happened("ann", "click", at(2));
  await happened("ann", "click", at(2));
  await happened("ann", "rate", at(1), { value: 4 });
  await happened("ann", "rate", at(2), { value: 5 });
  await happened("bob", "click", at(1, 11));
  await happened("bob", "click", at(2));
  await happened("bob", "play", at(1), { minutes: 30 });
  await happened("bob", "play", at(2), { minutes: 12.5 });
  await happened("bob", "rate", at(2), { value: 3.5 });
  const { days } = await readOutcomes(temporary.database, SPLIT, at(3, 0));

  const clicks = (day: string) => row(days, "clicks", "a", day);
  expect(clicks("2026-01-10")).toEqual({
    users: 1,
    userDays: 1,
    sum: 1,
    squares: 1,
    before: 2,
    beforeSquares: 4,
    products: 2,
  });
  expect(clicks("2026-01-11")).toEqual({
    users: 2,
    userDays: 3,
    sum: 1,
    squares: 1,
    before: 3,
    beforeSquares: 5,
    products: 2,
  });
  // Ann 3, Bob 1; before: Ann 2, Bob 1.
  expect(clicks("2026-01-12")).toEqual({
    users: 2,
    userDays: 5,
    sum: 4,
    squares: 10,
    before: 3,
    beforeSquares: 5,
    products: 7,
  });
  expect(row(days, "liked", "a", "2026-01-12")).toMatchObject({ sum: 1, squares: 1, users: 2 });
  expect(row(days, "minutes", "a", "2026-01-12")).toMatchObject({ sum: 42.5, squares: 42.5 ** 2 });
  expect(new Set(days.map(({ day }) => day)).size).toBe(3);
});

test("who was seen before the exposure is returning, everybody else is new", async () => {
  await expose("old", "a", at(0));
  await expose("young", "a", at(0));
  await expose("silent", "a", at(0));
  await temporary.database.pool.query(
    "insert into users (user_id, first_seen_at) values ('old', $1), ('young', $2)",
    [at(-5), at(0, 13)],
  );
  await happened("old", "click", at(0, 14));
  const { days } = await readOutcomes(temporary.database, SPLIT, at(1, 0));
  const clicks = days.filter(({ metric }) => metric === "clicks");
  expect(clicks.map(({ segment, users, sum }) => [segment, users, sum])).toEqual([
    ["new", 2, 0],
    ["returning", 1, 1],
  ]);
});

test("other experiments, and what came after the end, are left out", async () => {
  await expose("ann", "a", at(0));
  await expose("eve", "a", at(0), "other");
  await expose("late", "b", at(1));
  await happened("ann", "click", at(1));
  await happened("eve", "click", at(0, 13));
  const { days, bins } = await readOutcomes(temporary.database, SPLIT, at(1, 0));
  expect(days.filter(({ sum }) => sum > 0)).toEqual([]);
  expect(new Set(days.map(({ arm }) => arm))).toEqual(new Set(["a"]));
  expect(bins).toEqual([{ arm: "a", from: 0, users: 1 }]);
});

test("nobody exposed gives nothing", async () => {
  const none = { days: [], bins: [], preferences: [] };
  expect(await readOutcomes(temporary.database, SPLIT, at(1))).toEqual(none);
  const mixed = { ...SPLIT, mode: "interleaving" as const };
  expect(await readOutcomes(temporary.database, mixed, at(1))).toEqual(none);
  expect(await readBaseline(temporary.database, "clicks", at(1))).toEqual([]);
});

test("users fall into bins by powers of two", async () => {
  for (const [user, clicks] of [
    ["n", 0],
    ["one", 1],
    ["three", 3],
    ["four", 4],
    ["eight", 8],
  ] as const) {
    await expose(user, "a", at(0));
    for (let click = 0; click < clicks; click++) await happened(user, "click", at(0, 13));
  }
  const { bins } = await readOutcomes(temporary.database, SPLIT, at(1));
  expect(bins.map(({ from, users }) => [from, users])).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
    [4, 1],
    [8, 1],
  ]);
});

test("the sums agree with users added up one by one", async () => {
  const outcome = new Map<string, { arm: string; x: number; y: number }>();
  for (let user = 0; user < 40; user++) {
    const id = `u${user}`;
    const arm = user % 3 === 0 ? "a" : "b";
    const since = at(user % 4, user % 24);
    await expose(id, arm, since);
    const of = { arm, x: 0, y: 0 };
    for (let event = 0; event < (user * 7) % 11; event++) {
      const when = at(((user + event * 5) % 9) - 3, (event * 5) % 24);
      await happened(id, "click", when);
      if (when < since) of.x++;
      else if (when < at(5, 0)) of.y++;
    }
    outcome.set(id, of);
  }
  const { days } = await readOutcomes(temporary.database, SPLIT, at(5, 0));
  for (const arm of ["a", "b"]) {
    const users = [...outcome.values()].filter((of) => of.arm === arm);
    const sum = (value: (of: { x: number; y: number }) => number) =>
      users.reduce((total, of) => total + value(of), 0);
    expect(row(days, "clicks", arm, "2026-01-14")).toMatchObject({
      users: users.length,
      sum: sum(({ y }) => y),
      squares: sum(({ y }) => y * y),
      before: sum(({ x }) => x),
      beforeSquares: sum(({ x }) => x * x),
      products: sum(({ x, y }) => x * y),
    });
  }
});

test("the baseline counts each user from the first event of the last four weeks", async () => {
  await happened("ann", "click", at(-27));
  await happened("ann", "click", at(-25));
  await happened("bob", "rate", at(-26), { value: 3 });
  await happened("old", "click", at(-40));
  const baseline = await readBaseline(temporary.database, "clicks", at(1, 0));
  expect(baseline).toHaveLength(28);
  expect(baseline[0]).toMatchObject({ users: 1, sum: 1, squares: 1 });
  expect(baseline.at(-1)).toMatchObject({ users: 2, sum: 2, squares: 4, userDays: 28 + 27 });
});

test("of interleaved lists, an item counts once a day for the team of the latest list that showed it", async () => {
  const mixed = { ...SPLIT, mode: "interleaving" as const };
  for (const user of ["ann", "bob", "cy", "dot"]) await expose(user, "interleaved", at(0));
  await show("ann", at(0), ["x", "y"], [1, 0]);
  await show("ann", at(0, 15), ["x", "y"], [0, 1]);
  await show("bob", at(0), ["x", "y"], [0, 1]);
  await show("cy", at(0), ["x", "y"], [1, 0]);
  // Ann: x stood for the arm when she clicked it, thrice on one day. Bob: for the control.
  for (let click = 0; click < 3; click++) {
    await happened("ann", "click", at(0, 14), { item: "x" });
  }
  await happened("bob", "rate", at(0, 13), { item: "x", value: 4.5 });
  await happened("bob", "rate", at(0, 13), { item: "y", value: 3 });
  // Cy plays too late, and something that was never shown.
  await happened("cy", "play", at(1, 13), { item: "x" });
  await happened("cy", "play", at(0, 13), { item: "z" });
  // The next day Ann takes to the control twice.
  await show("ann", at(1), ["x", "y", "z"], [0, 1, 0]);
  await happened("ann", "click", at(1, 13), { item: "x" });
  await happened("ann", "play", at(1, 13), { item: "z" });
  const { preferences } = await readOutcomes(temporary.database, mixed, at(2, 0));
  expect(preferences).toEqual([
    { day: "2026-01-10", users: 4, userDays: 4, wins: 1, losses: 1 },
    { day: "2026-01-11", users: 4, userDays: 8, wins: 0, losses: 2 },
  ]);
});

test("what was taken from logged lists counts once, for the latest list that showed it, within a day", async () => {
  await show("ann", at(0), ["x", "y"], [0, 0]);
  await show("ann", at(0, 15), ["y", "z"], [0, 0]);
  for (const [type, item, hour] of [
    ["click", "x", 16],
    ["play", "x", 17],
    ["click", "y", 16],
    ["view", "z", 16],
    ["click", "z", 14],
  ] as const) {
    await happened("ann", type, at(0, hour), { item });
  }
  await happened("ann", "click", at(1, 16), { item: "z" });
  const lists = await loggedLists(temporary.database, "e", 10);
  expect(lists.map(({ items, taken }) => [items, taken])).toEqual([
    [["y", "z"], ["y"]],
    [["x", "y"], ["x"]],
  ]);
  expect(await loggedLists(temporary.database, "e", 1)).toHaveLength(1);
});

test("an interleaving whose lists are forgotten keeps the verdict that it ended with", async () => {
  const { pool } = temporary.database;
  await pool.query(
    `update experiments set mode = 'interleaving', status = 'stopped', stopped_at = $1,
       arms = '[{"name":"A","share":0.5,"release":"r1","parameters":{}},{"name":"B","share":0.5,"release":"r2","parameters":{}}]'
     where id = 'e'`,
    [at(1)],
  );
  for (let user = 0; user < 150; user++) {
    await expose(`u${user}`, "interleaved", at(0));
    await show(`u${user}`, at(0), ["x", "y"], [1, 0]);
    await happened(`u${user}`, "click", at(0, 13), { item: user % 5 === 0 ? "y" : "x" });
  }
  await noteVerdict(temporary.database, "e", at(2));
  const before = (await readResults(temporary.database, "e", at(2))).analysis;
  expect(before.verdict).toMatchObject({ kind: "ship", arm: "B" });
  await pool.query("truncate served_lists");
  const after = (await readResults(temporary.database, "e", at(40))).analysis;
  expect(after.preference!.wins).toBe(0);
  expect(after.verdict).toEqual(before.verdict);
});

test("an experiment that nobody defined is told so", async () => {
  await expect(readResults(temporary.database, "nobody", at(0))).rejects.toThrow(
    'There is no experiment "nobody"',
  );
});
