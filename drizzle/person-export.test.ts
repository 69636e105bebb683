import { afterAll, beforeAll, expect, test } from "vitest";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { exportPerson } from "./person-export.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
  const { pool } = temporary.database;
  await pool.query(
    `insert into events (event_id, user_id, item_id, type, value, occurred_at, source)
     select 'e' || n, 'ada', 'item-' || n, 'rate', 4, now(), 'test' from generate_series(1, 5000) as n`,
  );
  await pool.query("insert into users (user_id) values ('ada')");
});
afterAll(() => temporary?.stop());

const nobody = { needles: ["ada"], isRowAbout: () => false, letterWithout: noLetter };
function noLetter(body: string) {
  return { body, removed: 0 };
}

test("a piece of a record holds at most a thousand rows, and the pieces are one JSON object", async () => {
  const pieces: string[] = [];
  for await (const piece of exportPerson(temporary.database, "ada", nobody)) pieces.push(piece);
  expect(Math.max(...pieces.map((piece) => piece.split('"event_id"').length - 1))).toBe(1_000);
  const record = JSON.parse(pieces.join(""));
  expect(record.events).toHaveLength(5_000);
  expect(record).toMatchObject({ user: { user_id: "ada" }, servedLists: [], deadLetters: [] });
});

test("the record of somebody unknown is empty", async () => {
  let text = "";
  for await (const piece of exportPerson(temporary.database, "nobody", nobody)) text += piece;
  expect(JSON.parse(text)).toEqual({
    user: null,
    archivedUntil: null,
    events: [],
    exposures: [],
    servedLists: [],
    quarantined: [],
    deadLetters: [],
  });
});

test("all of a record is of one moment, whatever arrives while it is read", async () => {
  const record = exportPerson(temporary.database, "ada", nobody);
  let text = (await record.next()).value as string;
  await temporary.database.pool.query(
    `insert into events (event_id, user_id, item_id, type, value, occurred_at, source)
     values ('late', 'ada', 'late', 'rate', 4, now(), 'test')`,
  );
  for await (const piece of record) text += piece;
  expect(JSON.parse(text).events).toHaveLength(5_000);
});

test("a reader who goes in the middle leaves no transaction open", async () => {
  for await (const _ of exportPerson(temporary.database, "ada", nobody)) break;
  const open = () =>
    temporary.database.pool.query(
      "select 1 from pg_stat_activity where state like 'idle in transaction%'",
    );
  await expect.poll(async () => (await open()).rows.length).toBe(0);
});
