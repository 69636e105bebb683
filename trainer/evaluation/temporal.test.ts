import { expect, test } from "vitest";
import { csrFromRows, rowIndices } from "../csr.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { SplitForms } from "./forms.ts";
import { momentsOf, splitTemporal } from "./temporal.ts";

/** Ten users with an interaction at each of the seconds 1..20; item = second - 1. */
const matrix = csrFromRows(
  Array.from({ length: 10 }, () => Array.from({ length: 20 }, (_, item) => [item, 1] as const)),
  20,
);
const times = Uint32Array.from(matrix.indices, (item) => item + 1);

test("a model learns from before validation, and test users fold in all before test", () => {
  const moments = momentsOf(times);
  expect(moments).toEqual({ validation: 17, test: 19 });
  const {
    train,
    validation,
    test: later,
  } = splitTemporal(() => matrix, times, moments, { seed: 1 });
  const items = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => from + at);
  expect(train.rows).toBe(10);
  expect([...rowIndices(train, 0)]).toEqual(items(0, 16));
  expect([...rowIndices(validation.profiles, 3)]).toEqual(items(0, 16));
  expect([...rowIndices(validation.targets, 3)]).toEqual(items(16, 18));
  expect([...rowIndices(later.profiles, 3)]).toEqual(items(0, 18));
  expect([...rowIndices(later.targets, 3)]).toEqual(items(18, 20));
});

test("who only came or only left is not measured", () => {
  const rows = csrFromRows(
    [
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      [[0, 1]],
      [[2, 1]],
    ],
    3,
  );
  const when = Uint32Array.of(1, 5, 9, 1, 9);
  const split = splitTemporal(() => rows, when, { validation: 4, test: 8 }, { seed: 1 });
  expect([...split.test.users]).toEqual([0]);
  expect([...split.validation.users]).toEqual([0]);
  expect(split.train.rows).toBe(2);
});

test("the seed draws the users where there are more than asked for", () => {
  const users = (seed: number) => {
    const options = { seed, heldOutUsers: 4 };
    return [...splitTemporal(() => matrix, times, momentsOf(times), options).test.users];
  };
  expect(users(1)).toHaveLength(4);
  expect(users(1)).toEqual(users(1));
  expect([1, 2, 3, 4].map(users)).not.toEqual([1, 1, 1, 1].map(users));
});

test("interactions without times, or all at one moment, are refused with a sentence", () => {
  expect(() => momentsOf(new Uint32Array(10))).toThrow(/10 of 10 interactions have no time/);
  expect(() => momentsOf(new Uint32Array(10).fill(7))).toThrow(/all but at the same time/);
});

test("nobody on both sides of a moment is refused with a sentence", () => {
  const rows = csrFromRows([[[0, 1]], [[1, 1]]], 2);
  const split = () =>
    splitTemporal(() => rows, Uint32Array.of(1, 9), { validation: 4, test: 8 }, { seed: 1 });
  expect(split).toThrow(/Nobody interacted both before and after/);
});

test("a few interactions without a time count as the oldest", async () => {
  const dataset = await tasteDataset();
  const some = dataset.times.map((time, at) => (at % 50 === 0 ? 0 : time));
  const { train } = splitTemporal(() => dataset.matrix, some, momentsOf(some), { seed: 1 });
  expect(train.indices.length).toBeGreaterThan(0.75 * dataset.matrix.indices.length);
});

test("with a half-life, what people do later does not make older what they did before", async () => {
  const dataset = { ...(await tasteDataset()), matrix, times };
  const choice = { seed: 1, weighting: { halfLifeDays: 5 / 86_400 } };
  const { train, test: later } = new SplitForms(
    { ...dataset, rated: Uint8Array.from(times, () => 0) },
    { ...choice, split: "temporal" },
  ).weights;
  const newestOf = ({ values, offsets }: typeof train) => values[offsets[1]! - 1];
  expect(newestOf(train)).toBe(1);
  expect(newestOf(later.profiles)).toBe(1);
  expect(train.values[10]).toBe(0.5);
});
