import { expect, test } from "vitest";
import { POINTER_KEY } from "../../release/keys.ts";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, pointerTo, smallRelease } from "./fixtures/small-release.ts";
import { WrittenLists } from "./written-lists.ts";

test("a list is kept as it was written, and the memory for it is bounded", () => {
  const written = new WrittenLists();
  for (let user = 0; user < 30_000; user++) {
    const bytes = written.set(`u${user}`, `text of ${user}`);
    expect(written.get(`u${user}`)).toBe(bytes);
    // Whoever is asked for again and again stays.
    if (user > 0) expect(written.get("u0")).toBeDefined();
  }
  expect(new TextDecoder().decode(written.get("u0"))).toBe("text of 0");
  const kept = Array.from({ length: 30_000 }, (_, user) => written.get(`u${user}`)).filter(
    (bytes) => bytes !== undefined,
  );
  expect(kept.length).toBeGreaterThan(1_000);
  expect(kept.length).toBeLessThan(20_000);
});

test("a user asked for again and again gets the list of the release that serves now", async () => {
  const [before, after] = [smallRelease("r1"), smallRelease("r2", "new-")];
  const kv = new FakeKv(new Map([...after.values, ...activated(before)]));
  const api = apiOver(kv);
  const ask = async () => (await (await api.fetch("/recommend/u5")).text()).split(",");
  await ask();
  for (let round = 0; round < 3; round++) expect(await ask()).toEqual(before.lists.get("u5"));
  kv.values.set(POINTER_KEY, pointerTo("r2", "r1"));
  await expect.poll(ask).toEqual(after.lists.get("u5"));
  for (let round = 0; round < 3; round++) expect(await ask()).toEqual(after.lists.get("u5"));
});
