/** Exports of other recommenders, dirty rows and all, become a release that serves their users. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { Usher } from "../client/index.ts";
import { seededRandom } from "../trainer/random.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

const USERS = 60;
const ITEMS = 40;

let cloud: TestCloud;
afterEach(() => cloud?.stop());

/** Who chose what: two tastes, one for each half of the items. */
function choices(): { user: number; item: number; second: number }[] {
  const random = seededRandom(3);
  return Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: 15 }, (_, at) => {
      const item = (user % 2) * (ITEMS / 2) + Math.floor(random() * (ITEMS / 2));
      return { user, item, second: 1_600_000_000 + user * 1_000 + at };
    }),
  ).flat();
}

async function folder(files: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const dir = path.join(cloud.scratch, "export");
  await mkdir(dir);
  for (const [name, lines] of Object.entries(files)) {
    await writeFile(path.join(dir, name), `${lines.join("\r\n")}\r\n`);
  }
  return dir;
}

async function imported(dir: string) {
  const { stdout, stderr } = await runUsher([
    "import",
    dir,
    ...["--home", cloud.home.root, "--json"],
  ]).finished;
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Trains, publishes, and gives what the user gets. */
async function served(userId: string) {
  await runCycle(cloud.around, silentProgress);
  return new Usher({ url: cloud.api }).recommendations(userId, { limit: 5, explain: true });
}

test("from Gorse", async () => {
  cloud = await startTestCloud();
  const goTime = (second: number) =>
    `${new Date(second * 1000).toISOString().replace("T", " ").replace("Z", "")} +0000 UTC`;
  const dir = await folder({
    "feedback.csv": [
      "feedback_type,user_id,item_id,time_stamp",
      ...choices().map(({ user, item, second }) => `star,u${user},i${item},${goTime(second)}`),
      "star,u1,i2",
      "star,,i2,2020-01-01 00:00:00 +0000 UTC",
      'star,"u1,i2,2020-01-01 00:00:00 +0000 UTC',
      "star,u1,i2,not a time",
    ],
    "items.csv": [
      "item_id,is_hidden,categories,time_stamp,labels,description",
      ...Array.from({ length: ITEMS }, (_, item) => `i${item},false,a|b,,,Item ${item} (1999)`),
    ],
    "users.csv": ["user_id,labels", 'u1,"{""city"":""Linz""}"'],
  });
  const summary = await imported(dir);
  expect(summary).toMatchObject({ format: "gorse", quarantined: 4, items: ITEMS, users: 1 });
  expect(Object.keys(summary["reasons"] as object)).toHaveLength(4);
  expect(await imported(dir)).toMatchObject({ inserted: 0 });
  const { source, items } = await served("u1");
  expect(source).toBe("list");
  expect(items[0]).toMatchObject({ title: expect.stringMatching(/^Item 2\d|^Item 3\d/) });
});

test("from Amazon Personalize", async () => {
  cloud = await startTestCloud();
  const dir = await folder({
    "Interactions.csv": [
      "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,IMPRESSION",
      ...choices().map(({ user, item, second }) => `${user},${item},${second},Watch,,1|2|3`),
      "1,2,1600000000000,Watch,,",
      "1,2,1600000000,rating,11,",
      "1,2",
    ],
    "Items.csv": [
      "ITEM_ID,TITLE,GENRES,PRICE",
      ...Array.from({ length: ITEMS }, (_, item) => `${item},Film ${item},Drama|Crime,9.5`),
    ],
    "Users.csv": ["USER_ID,MEMBERSHIP", "1,gold"],
    "schema.json": ['{"type":"record","name":"Interactions","fields":[]}'],
  });
  const summary = await imported(dir);
  expect(summary).toMatchObject({ format: "personalize", quarantined: 3, items: ITEMS, users: 1 });
  const shown = await cloud.database.pool.query<{ items: string[] }>(
    "select items from served_lists where user_id = '0'",
  );
  expect(shown.rows).toHaveLength(15);
  expect(shown.rows[0]!.items).toEqual(["1", "2", "3"]);
  expect(summary["shown"]).toBe(choices().length);
  const { source, items } = await served("1");
  expect(source).toBe("list");
  expect(items[0]!.categories).toEqual(["Drama", "Crime"]);
  expect(Number(items[0]!.id)).toBeGreaterThanOrEqual(ITEMS / 2);
});
