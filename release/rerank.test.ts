import fc from "fast-check";
import { expect, test } from "vitest";
import { cosineOfRows, limitPerCategory, rerankForDiversity } from "./rerank.ts";

const candidates = fc.uniqueArray(fc.nat(500), { maxLength: 40 }).chain((items) =>
  fc
    .array(fc.float({ min: -5, max: 5, noNaN: true }), {
      minLength: items.length,
      maxLength: items.length,
    })
    .map((scores) =>
      scores.sort((a, b) => b - a).map((score, at) => ({ item: items[at]!, score })),
    ),
);
const unrelated = () => 0;
/** Items of the same ten are the same in all but name. */
const byTens = (a: number, b: number) => (Math.floor(a / 10) === Math.floor(b / 10) ? 1 : 0);

test("a lambda of 1 leaves the order of scores", () => {
  fc.assert(
    fc.property(candidates, (all) => {
      const list = rerankForDiversity(all, byTens, { lambda: 1, limit: 20 });
      expect(list).toEqual(all.slice(0, 20));
    }),
  );
});

test("every re-ranked list holds distinct candidates and as many as there can be", () => {
  fc.assert(
    fc.property(candidates, fc.double({ min: 0, max: 1, noNaN: true }), (all, lambda) => {
      const diverse = rerankForDiversity(all, byTens, { lambda, limit: 20 });
      const limited = limitPerCategory(all, (item) => [`${item % 3}`], {
        most: 2,
        window: 5,
        limit: 20,
      });
      for (const list of [diverse, limited]) {
        expect(new Set(list).size).toBe(Math.min(20, all.length));
        expect(list.every((candidate) => all.includes(candidate))).toBe(true);
      }
    }),
  );
});

test("the best candidate always comes first, and a near-copy of it gives way", () => {
  const all = [
    { item: 11, score: 1 },
    { item: 12, score: 0.9 },
    { item: 25, score: 0.8 },
    { item: 39, score: 0 },
  ];
  const list = rerankForDiversity(all, byTens, { lambda: 0.5, limit: 3 });
  expect(list.map(({ item }) => item)).toEqual([11, 25, 39]);
});

test("the most similar item taken counts, not the last one", () => {
  const all = [11, 25, 12, 38].map((item, at) => ({ item, score: 1 - at / 100 }));
  const list = rerankForDiversity(all, byTens, { lambda: 0.3, limit: 4 });
  expect(list.map(({ item }) => item)).toEqual([11, 25, 38, 12]);
});

test("candidates of equal score stay in their order when nothing is alike", () => {
  const all = [3, 1, 2].map((item) => ({ item, score: 7 }));
  expect(rerankForDiversity(all, unrelated, { lambda: 0.5, limit: 3 })).toEqual(all);
});

test("no window holds more of a category than allowed while others are left", () => {
  const genre = (item: number) => (item < 6 ? ["comedy"] : [`other ${item}`]);
  const all = Array.from({ length: 12 }, (_, item) => ({ item, score: 12 - item }));
  const list = limitPerCategory(all, genre, { most: 2, window: 4, limit: 9 });
  const items = list.map(({ item }) => item);
  expect(items).toEqual([0, 1, 6, 7, 2, 3, 8, 9, 4]);
});

test("an item of several categories counts for each of them", () => {
  const of = (item: number) => [["a", "b"], ["a"], ["b"], ["c"]][item]!;
  const all = [0, 1, 2, 3].map((item) => ({ item, score: -item }));
  const list = limitPerCategory(all, of, { most: 1, window: 2, limit: 4 });
  expect(list.map(({ item }) => item)).toEqual([0, 3, 1, 2]);
});

test("where every candidate is of one category the list is full all the same", () => {
  const all = Array.from({ length: 10 }, (_, item) => ({ item, score: -item }));
  const list = limitPerCategory(all, () => ["only"], { most: 1, window: 10, limit: 5 });
  expect(list).toEqual(all.slice(0, 5));
});

test("the cosine of rows does not depend on their scales", () => {
  const similarity = cosineOfRows(Float32Array.of(1, 2, 3, 6, -2, 1, 0, 0), 2);
  expect(similarity(0, 1)).toBeCloseTo(1, 6);
  expect(similarity(0, 2)).toBeCloseTo(0, 6);
  expect(similarity(0, 3)).toBe(0);
  expect(cosineOfRows(Int8Array.of(10, 20, 100, 0), 2)(0, 1)).toBeCloseTo(1 / Math.sqrt(5), 6);
});
