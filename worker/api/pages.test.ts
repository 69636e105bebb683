import fc from "fast-check";
import { expect, test } from "vitest";
import { POINTER_KEY, TRENDING_KEY } from "../../release/keys.ts";
import { type Answered, type Api, apiOver, idsOf } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, ITEMS, pointerTo, smallRelease, USERS } from "./fixtures/small-release.ts";

const release = smallRelease("r1");
const values = activated(release, { trending: ["i200", "i100"] });

async function pagesOf(api: Api, path: string, most = 60): Promise<Answered[]> {
  const pages: Answered[] = [];
  let next: string | null = "";
  while (next !== null && pages.length < most) {
    const page: Answered = await api.get(path + (next === "" ? "" : `&cursor=${next}`));
    pages.push(page);
    next = page.next;
  }
  return pages;
}

test("pages name every unseen item once, whatever the page's length, filter and diversity", async () => {
  const api = apiOver(new FakeKv(values));
  const questions = fc.record({
    user: fc.integer({ min: 0, max: USERS - 1 }),
    limit: fc.integer({ min: 7, max: 100 }),
    query: fc.constantFrom("", "&category=Western", "&diversity=0.4", "&categoryNone=Drama"),
  });
  await fc.assert(
    fc.asyncProperty(questions, async ({ user, limit, query }) => {
      const path = `/v1/users/u${user}/recommendations?limit=${limit}${query}`;
      const ids = (await pagesOf(api, path)).flatMap(idsOf);
      const catalogue = await pagesOf(api, `/v1/users/u${user}/recommendations?limit=100${query}`);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(catalogue.flatMap(idsOf));
      expect(ids.filter((id) => release.seen.get(`u${user}`)!.includes(id))).toEqual([]);
      if (query === "") expect(ids).toHaveLength(ITEMS - 12);
    }),
    { numRuns: 40 },
  );
});

test("pages of an anonymous profile and of a stranger name no item twice", async () => {
  const api = apiOver(new FakeKv(values));
  const ids = (await pagesOf(api, "/v1/users/nobody/recommendations?limit=40")).flatMap(idsOf);
  expect(new Set(ids).size).toBe(ITEMS);
  const ratings = [{ itemId: "i3", value: 5 }];
  const first = await api.post("/v1/recommendations", { ratings, limit: 50 });
  const second = await api.post("/v1/recommendations", { ratings, limit: 50, cursor: first.next });
  expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(100);
});

test("a page keeps to the release it began with; when that is gone it begins again and says so", async () => {
  const after = smallRelease("r2", "new-");
  const kv = new FakeKv(new Map([...values, ...after.values]));
  const first = await apiOver(kv).get("/v1/users/u1/recommendations?limit=10");
  kv.values.set(POINTER_KEY, pointerTo("r2", "r1"));
  const path = `/v1/users/u1/recommendations?limit=10&cursor=${first.next}`;
  const second = await apiOver(kv).get(path);
  expect(second.release).toBe("r1");
  expect([...idsOf(first), ...idsOf(second)]).toEqual(release.lists.get("u1"));
  for (const key of release.values.keys()) kv.values.delete(key);
  const again = await apiOver(kv).get(path);
  expect(again.release).toBe("r2");
  expect(again.restarted).toContain("r1");
  expect(idsOf(again)).toEqual(after.lists.get("u1")!.slice(0, 10));
});

test("pages of trending begin again when trending has changed", async () => {
  const kv = new FakeKv(values);
  const first = await apiOver(kv).get("/v1/users/nobody/recommendations?limit=10");
  const changed = { computedAt: "2026-11-03T00:00:00.000Z", windowHours: 24, items: [] };
  const bytes = new TextEncoder().encode(JSON.stringify(changed));
  kv.values.set(TRENDING_KEY, bytes.buffer as ArrayBuffer);
  const path = `/v1/users/nobody/recommendations?limit=10&cursor=${first.next}`;
  const second = await apiOver(kv).get(path);
  expect(second.restarted).toContain("changed");
  expect(idsOf(second)[0]).toBe("i0");
});

test("a cursor of another question, or of nobody, is refused", async () => {
  const api = apiOver(new FakeKv(values));
  const { next } = await api.get("/v1/users/u1/recommendations?limit=10");
  const refused = async (path: string) => {
    const answer = await api.fetch(path);
    expect(answer.status).toBe(400);
    return ((await answer.json()) as { title: string }).title;
  };
  const cursor = `cursor=${next}`;
  for (const other of ["u2/recommendations?", "u1/recommendations?category=Drama&"]) {
    expect(await refused(`/v1/users/${other}${cursor}`)).toBe("CURSOR_OF_ANOTHER_QUESTION");
  }
  for (const bad of ["x", "%00", `${next}x`, btoa("1~../../pointer~5~00000000~l")]) {
    expect(await refused(`/v1/users/u1/recommendations?cursor=${bad}`)).toBe("BAD_CURSOR");
  }
});
