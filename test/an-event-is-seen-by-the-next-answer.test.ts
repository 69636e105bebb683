import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
  await runCycle(cloud.around, silentProgress);
});
afterAll(() => cloud?.stop());

interface Answer {
  readonly source: string;
  readonly degraded?: string;
  readonly items: { readonly id: string }[];
}

async function recommended(userId: string, after?: string): Promise<Answer> {
  const query = after === undefined ? "" : `?after=${after}`;
  const response = await fetch(`${cloud.api}/v1/users/${userId}/recommendations${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

async function send(event: Record<string, unknown>): Promise<string> {
  const body = JSON.stringify(event);
  const response = await fetch(`${cloud.api}/v1/events`, { method: "POST", body });
  return ((await response.json()) as { cursor: string }).cursor;
}

const ids = ({ items }: Answer) => items.map(({ id }) => id);

test("a rated item is gone from the very next answer, and the list has moved", async () => {
  const before = ids(await recommended("1"));
  const cursor = await send({ userId: "1", itemId: before[0], type: "rate", value: 5 });
  const after = await recommended("1", cursor);
  expect(after).toMatchObject({ source: "fold-in" });
  expect(after.degraded).toBeUndefined();
  expect(ids(after)).not.toContain(before[0]);
  expect(ids(after)).not.toEqual(before);
  const text = await (await fetch(`${cloud.api}/recommend/1?after=${cursor}`)).text();
  expect(text.split(",")).toEqual(ids(after));
});

test("a user never seen before gets a list of their own at once", async () => {
  expect((await recommended("newcomer")).source).toBe("trending");
  const [liked] = ids(await recommended("2"));
  const cursor = await send({ userId: "newcomer", itemId: liked, type: "rate", value: 5 });
  const after = await recommended("newcomer", cursor);
  expect(after.source).toBe("fold-in");
  expect(ids(after)).not.toContain(liked);
});

test("a removal lets an item come back", async () => {
  const [first] = ids(await recommended("3"));
  const rated = await send({ userId: "3", itemId: first, type: "rate", value: 5 });
  expect(ids(await recommended("3", rated))).not.toContain(first);
  const removed = await send({ userId: "3", itemId: first, type: "remove" });
  expect(ids(await recommended("3", removed))).toContain(first);
});

test("a cursor that nothing was recorded for is said, and answered all the same", async () => {
  const later = (Date.now() + 60_000).toString(36);
  const answer = await recommended("4", `${later}-00000000`);
  expect(answer.degraded).toContain("the live profile has not seen the call of this cursor");
  expect(answer.items.length).toBe(20);
  const response = await fetch(`${cloud.api}/v1/users/4/recommendations?after=yesterday`);
  expect(response.status).toBe(400);
  await response.text();
});

test("an erased user's list is not served any more", async () => {
  const before = await recommended("5");
  expect(before.source).toBe("list");
  const erased = await fetch(`${cloud.api}/v1/users/5`, { method: "DELETE" });
  expect(erased.status).toBe(200);
  await erased.text();
  expect((await recommended("5")).source).toBe("trending");
  const text = await (await fetch(`${cloud.api}/recommend/5`)).text();
  expect(text.split(",")).not.toEqual(ids(before));
});
