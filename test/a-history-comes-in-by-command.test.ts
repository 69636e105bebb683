import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud?.stop());

async function usher(...args: string[]) {
  const finished = await runUsher([...args, "--home", cloud.home.root, "--json"]).finished;
  return { ...finished, said: finished.stdout === "" ? {} : JSON.parse(finished.stdout) };
}

async function file(name: string, ...lines: string[]): Promise<string> {
  const place = path.join(cloud.scratch, name);
  await writeFile(place, `${lines.join("\n")}\n`);
  return place;
}

async function stored(source: string): Promise<Record<string, unknown>[]> {
  const query = "select * from events where source = $1 order by occurred_at";
  return (await cloud.database.pool.query(query, [source])).rows;
}

test("a stream is replayed as live traffic, and a second time it is known", async () => {
  const stream = await file(
    "movielog.txt",
    "2025-01-01T10:00:00,7,GET /rate/heat+1995=5",
    "2025-01-01T10:00:10,8,GET /data/m/heat+1995/1.mpg",
    "2025-01-01T10:01:10,8,GET /data/m/heat+1995/2.mpg",
    "not a line of the stream",
  );
  const first = await usher("replay", stream, "--speed", "max");
  expect(first.said).toMatchObject({ accepted: 2, duplicates: 0, rejected: 0, calls: 1 });
  while ((await stored("api")).length < 2) await sleep(100);
  expect(await stored("api")).toMatchObject([
    { user_id: "7", type: "rate", value: 5 },
    { user_id: "8", type: "play", minutes: 2 },
  ]);
  const again = await usher("replay", stream, "--speed", "max");
  expect(again.said).toMatchObject({ accepted: 0, duplicates: 2 });
});

test("a shop's own files are imported by a mapping, items and users with them", async () => {
  await file("films.csv", "id,name,tags,language", '1,"Heat (1995)",Crime|Drama,en');
  await file("people.csv", "id,country", "ada,UK");
  await file(
    "log.ndjson",
    '{"who":"ada","what":"1","did":"like","stars":10,"at":1700000000}',
    '{"who":"ada","what":"1","did":"like","stars":99,"at":1700000000}',
  );
  const sources = [
    {
      ...{ file: "log.ndjson", format: "ndjson", time: "seconds", types: { like: "rate" } },
      fields: { userId: "who", itemId: "what", type: "did", value: "stars", occurredAt: "at" },
      scale: { lowest: 1, highest: 10 },
    },
    {
      ...{ file: "films.csv", kind: "items", attributes: ["language"] },
      fields: { itemId: "id", title: "name", categories: "tags" },
    },
    { file: "people.csv", kind: "users", fields: { userId: "id" }, attributes: ["country"] },
  ];
  const mapping = await file("mapping.json", JSON.stringify({ sources }));
  const { said, code } = await usher("import", cloud.scratch, "--mapping", mapping);
  expect(code).toBe(0);
  expect(said).toMatchObject({ format: "mapped", inserted: 1, items: 1, users: 1, quarantined: 1 });
  expect(await stored("import:mapped")).toMatchObject([{ user_id: "ada", value: 5 }]);
  const items = await cloud.database.pool.query("select title, attributes from items");
  expect(items.rows).toEqual([{ title: "Heat (1995)", attributes: { language: "en" } }]);
  const users = await cloud.database.pool.query(
    "select attributes from users where user_id = 'ada'",
  );
  expect(users.rows).toEqual([{ attributes: { country: "UK" } }]);
});

test("an import of which not one row could be read fails, and says where its rows are", async () => {
  const ratings = await file("bad.csv", "userId,movieId,rating", "ada,1,99", "ben,2,many");
  const mapping = await file(
    "bad.json",
    JSON.stringify({
      format: "csv",
      fields: { userId: "userId", itemId: "movieId", value: "rating" },
    }),
  );
  const { code, said, stderr } = await usher("import", ratings, "--mapping", mapping);
  expect(code).toBe(1);
  expect(said).toMatchObject({ rows: 0, quarantined: 2 });
  expect(stderr).toMatch(/Not one row of .*bad\.csv could be read.*\[IMPORT_NO_RATINGS\]/);
});

test("dead letters are redriven, and a second time there are none", async () => {
  const event = {
    ...{ eventId: "parked", userId: "7", itemId: "x", type: "view", value: null, minutes: null },
    ...{ share: null, occurredAt: 1_700_000_000_000, requestId: null },
  };
  const message = { v: 1, source: "parked", receivedAt: 1, events: [event] };
  const bytes = new TextEncoder().encode(JSON.stringify(message));
  await cloud.workers.kv.put("dead/m1", bytes.buffer, {});
  const first = await usher("redrive");
  expect(first.stderr).not.toContain("[");
  expect(first.said).toMatchObject({ messages: 1, inserted: 1 });
  expect(await stored("parked")).toHaveLength(1);
  expect(await usher("redrive")).toMatchObject({ said: { messages: 0 } });
});

test("what cannot be read is told in a sentence", async () => {
  const wrong = await usher("import", cloud.scratch, "--format", "excel");
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('--format is "excel"')]);
  const nothing = await usher("import");
  expect(nothing.stderr).toContain("Name a folder or a file");
  const speed = await usher("replay", cloud.scratch, "--speed", "fast");
  expect(speed.stderr).toContain('--speed is "fast"; it takes 10x, 0.5x or max.');
});
