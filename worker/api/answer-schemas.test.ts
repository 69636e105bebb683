import * as v from "valibot";
import { expect, test } from "vitest";
import { ANSWERS } from "./answer-schemas.ts";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

const kv = new FakeKv(activated(smallRelease("r1"), { trending: ["i1", "i2"] }));
const api = apiOver(kv);
const ratings = [{ itemId: "i7", value: 5 }, { itemId: "nothing" }];

test.each([
  ["/v1/users/u1/recommendations?explain=true&limit=3", "Recommendations"],
  ["/v1/users/u1/recommendations?category=Western,Nothing&limit=40", "Recommendations"],
  ["/v1/users/nobody/recommendations", "Recommendations"],
  ["/v1/items?search=i", "FoundItems"],
  ["/v1/items/i7", "OneItem"],
  ["/v1/items/i7/similar", "RankedItems"],
  ["/v1/trending", "RankedItems"],
  ["/v1/trending?limit=none", "Problem"],
] as const)("%s answers what openapi.json says, and no member more", async (path, name) => {
  const body: unknown = await (await api.fetch(path)).json();
  expect(v.parse(ANSWERS[name], body)).toEqual(body);
});

test("so does a profile sent along", async () => {
  const body = await api.post("/v1/recommendations", { ratings, limit: 3 });
  expect(v.parse(ANSWERS.Recommendations, body)).toEqual(body);
});
