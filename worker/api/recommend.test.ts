import { describe, expect, test } from "vitest";
import { apiOver, idsOf } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, ITEMS, smallRelease, USERS } from "./fixtures/small-release.ts";

const release = smallRelease("r1");
const values = activated(release, { trending: ["i200", "i100", "gone", "i5"] });
const fresh = () => apiOver(new FakeKv(values));

describe("a known user", () => {
  test("gets the precomputed list, as text and as JSON, cold and warm", async () => {
    const api = fresh();
    for (const _ of [1, 2]) {
      for (const [userId, list] of release.lists) {
        const text = await api.fetch(`/recommend/${userId}`);
        expect((await text.text()).split(",")).toEqual(list);
        expect(text.headers.get("usher-source")).toBe("list");
        expect(text.headers.get("usher-release")).toBe("r1");
        const answer = await api.get(`/v1/users/${userId}/recommendations`);
        expect(answer.source).toBe("list");
        expect(idsOf(answer)).toEqual(list);
      }
    }
  });

  test("never gets what they have seen, however long the list or narrow the filter", async () => {
    const api = fresh();
    for (const query of [
      "limit=100",
      "category=Western",
      "yearFrom=1990&limit=60",
      "diversity=1",
    ]) {
      for (const [userId, seen] of release.seen) {
        const ids = idsOf(await api.get(`/v1/users/${userId}/recommendations?${query}`));
        expect(ids.filter((id) => seen.includes(id))).toEqual([]);
        expect(new Set(ids).size).toBe(ids.length);
      }
    }
  });

  test("is completed by a fold-in when a filter leaves too few, and told so", async () => {
    const answer = await fresh().get("/v1/users/u1/recommendations?category=Western&limit=5");
    expect(answer.items).toHaveLength(5);
    expect(answer.items.every(({ categories }) => categories.includes("Western"))).toBe(true);
    expect(answer.completed ?? answer.source).toBe("fold-in");
  });

  test("gets all that passes a filter and no more, best first", async () => {
    const api = fresh();
    const answer = await api.get("/v1/users/u3/recommendations?category=Western&limit=100");
    const unseen = Array.from({ length: ITEMS }, (_, item) => item)
      .filter((item) => item % 50 === 7)
      .map((item) => `i${item}`)
      .filter((id) => !release.seen.get("u3")!.includes(id));
    expect(idsOf(answer).sort()).toEqual(unseen.sort());
    expect(answer.next).toBeNull();
  });
});

test("a list from memory says the same as one that was read", async () => {
  const api = fresh();
  const [cold, warm] = [await api.fetch("/recommend/u9"), await api.fetch("/recommend/u9")];
  expect(await warm.text()).toBe(await cold.text());
  expect(Object.fromEntries(warm.headers)).toEqual(Object.fromEntries(cold.headers));
  const encoded = await api.fetch("/recommend/%759");
  expect(await encoded.text()).toBe(release.lists.get("u9")!.join(","));
  expect((await api.fetch("/recommend/u9/")).status).toBe(404);
});

test("a user never seen gets trending, then popular items, of this release alone", async () => {
  const answer = await fresh().get("/v1/users/stranger/recommendations?limit=6");
  expect(answer.source).toBe("trending");
  expect(idsOf(answer)).toEqual(["i200", "i100", "i5", "i0", "i1", "i2"]);
});

describe("filters", () => {
  const api = fresh();
  const ask = (query: string) => api.get(`/v1/trending?limit=100&${query}`);

  test("any, all and none of categories", async () => {
    for (const { categories } of (await ask("category=Comedy,Drama")).items) {
      expect(categories.some((name) => name === "Comedy" || name === "Drama")).toBe(true);
    }
    const all = await ask("categoryAll=Western&categoryAll=Drama");
    expect(all.items.length).toBeGreaterThan(0);
    for (const { categories } of all.items) expect(categories).toEqual(["Drama", "Western"]);
    for (const { categories } of (await ask("categoryNone=Action,Western")).items) {
      expect(categories).not.toContain("Action");
      expect(categories).not.toContain("Western");
    }
  });

  test("years, popularity and excluded ids", async () => {
    for (const { year } of (await ask("yearFrom=1960&yearTo=1965")).items) {
      expect(year).toBeGreaterThanOrEqual(1960);
      expect(year).toBeLessThanOrEqual(1965);
    }
    expect((await ask("minPopularity=295")).items).toHaveLength(6);
    const ids = idsOf(await ask("exclude=i200,i0&exclude=non%252Csense"));
    expect(ids).not.toContain("i200");
    expect(ids).not.toContain("i0");
  });

  test("a category that the release does not have lets nothing pass, and is named", async () => {
    const answer = await api.get("/v1/users/u1/recommendations?category=Westerm");
    expect(answer.items).toEqual([]);
    expect(answer.unknownCategories).toEqual(["Westerm"]);
    const none = await api.get("/v1/users/u1/recommendations?categoryNone=Westerm");
    expect(none.items).toHaveLength(20);
  });
});

describe("a profile sent along", () => {
  const ratings = ["i10", "i35", "i60"].map((itemId) => ({ itemId, value: 5 }));

  test("is folded in, without its own items, and says why", async () => {
    const answer = await fresh().post("/v1/recommendations", { ratings, limit: 10 });
    expect(answer.source).toBe("fold-in");
    expect(answer.items).toHaveLength(10);
    for (const item of answer.items) {
      expect(["i10", "i35", "i60"]).not.toContain(item.id);
      const named = item.because!.reduce((sum, { contribution }) => sum + contribution, 0);
      expect(named + item.rest!).toBeCloseTo(item.score, 5);
    }
  });

  test("of a stored user gives nearly the stored list", async () => {
    const seen = release.seen.get("u2")!.map((itemId) => ({
      itemId,
      value: Number(itemId.slice(1)) % 2 === 0 ? 5 : 3,
    }));
    const answer = await fresh().post("/v1/recommendations", { ratings: seen });
    expect(idsOf(answer)).toEqual(release.lists.get("u2"));
  });

  test("one star excludes and does not pull", async () => {
    const api = fresh();
    const liked = await api.post("/v1/recommendations", { ratings, limit: 50 });
    const disliked = liked.items[0]!.id;
    const both = await api.post("/v1/recommendations", {
      ratings: [...ratings, { itemId: disliked, value: 1 }],
      limit: 49,
    });
    expect(idsOf(both)).toEqual(idsOf(liked).slice(1));
  });

  test("without direction, or of unknown items alone, gets what is trending", async () => {
    const api = fresh();
    for (const given of [[], [{ itemId: "nothing" }], [{ itemId: "i200", value: 1 }]]) {
      const answer = await api.post("/v1/recommendations", { ratings: given });
      expect(answer.source).toBe("trending");
      expect(answer.items).toHaveLength(20);
      expect(idsOf(answer).includes("i200")).toBe(given[0]?.itemId !== "i200");
    }
    const unknown = await api.post("/v1/recommendations", { ratings: [{ itemId: "nothing" }] });
    expect(unknown.unknownItems).toEqual(["nothing"]);
  });
});

test("a stored user's reasons are items of their own, and add up", async () => {
  const api = fresh();
  for (let user = 0; user < USERS; user += 7) {
    const answer = await api.get(`/v1/users/u${user}/recommendations?explain=true`);
    for (const item of answer.items) {
      for (const { id } of item.because!) expect(release.seen.get(`u${user}`)).toContain(id);
      const named = item.because!.reduce((sum, { contribution }) => sum + contribution, 0);
      expect(named + item.rest!).toBeCloseTo(item.score, 5);
    }
  }
});

test("diversity changes the order, not what may be shown, and 0 leaves it alone", async () => {
  const api = fresh();
  const plain = await api.get("/v1/users/u4/recommendations?limit=10");
  expect(idsOf(await api.get("/v1/users/u4/recommendations?limit=10&diversity=0"))).toEqual(
    idsOf(plain),
  );
  const mixed = await api.get("/v1/users/u4/recommendations?limit=10&diversity=0.7");
  expect(mixed.items[0]!.id).toBe(plain.items[0]!.id);
  expect(idsOf(mixed)).not.toEqual(idsOf(plain));
});

test("similar items are as near as the model's vectors, without the item itself", async () => {
  const answer = await fresh().get("/v1/items/i12/similar?limit=15&category=Drama");
  expect(answer.items).toHaveLength(15);
  const scores = answer.items.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  for (const { id, categories, score } of answer.items) {
    expect(id).not.toBe("i12");
    expect(categories).toContain("Drama");
    expect(Math.abs(score)).toBeLessThanOrEqual(1);
  }
});

test("search finds beginnings of words whatever their case and accents, most popular first", async () => {
  const api = fresh();
  expect(idsOf(await api.get("/v1/items?search=numero%2029&limit=3"))).toEqual([
    "i29",
    "i290",
    "i291",
  ]);
  expect(idsOf(await api.get("/v1/items?search=COM%20the&limit=2"))).toEqual(["i1", "i4"]);
  expect(idsOf(await api.get("/v1/items?search=umero"))).toEqual([]);
  expect(idsOf(await api.get("/v1/items?search=!!!"))).toEqual([]);
  expect(idsOf(await api.get("/v1/items?limit=2"))).toEqual(["i0", "i1"]);
});
