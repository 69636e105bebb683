import { expect, test } from "vitest";
import { csrFromRows, rowIndices } from "../csr.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { splitStrong } from "./split.ts";

const { matrix } = await tasteDataset({ users: 100 });

test("validation, test and training users are disjoint and together all", () => {
  const { train, validation, test: held } = splitStrong(matrix, { seed: 1 });
  const heldOut = new Set([...validation.users, ...held.users]);
  expect(validation.users.length).toBe(20);
  expect(held.users.length).toBe(20);
  expect(heldOut.size).toBe(40);
  expect(train.rows).toBe(60);
});

test("profile and target of a held-out user are disjoint and together everything they did", () => {
  const { validation } = splitStrong(matrix, { seed: 1 });
  validation.users.forEach((user, row) => {
    const profile = rowIndices(validation.profiles, row);
    const targets = rowIndices(validation.targets, row);
    expect(targets.length).toBe(Math.max(1, Math.floor(rowIndices(matrix, user).length * 0.2)));
    expect([...profile, ...targets].sort((a, b) => a - b)).toEqual([...rowIndices(matrix, user)]);
  });
});

test("the seed decides who is held out", () => {
  const users = (seed: number) => Array.from(splitStrong(matrix, { seed }).test.users);
  expect(users(1)).toEqual(users(1));
  expect(users(1)).not.toEqual(users(2));
});

test("no more than asked for are held out", () => {
  expect(splitStrong(matrix, { seed: 1, heldOutUsers: 7 }).test.users.length).toBe(7);
});

test("users with fewer than five interactions are never held out", () => {
  const small = Array.from({ length: 50 }, () => [[0, 1] as const]);
  const large = Array.from({ length: 10 }, () => [0, 1, 2, 3, 4].map((item) => [item, 1] as const));
  const split = splitStrong(csrFromRows([...small, ...large], 5), { seed: 1 });
  expect(split.test.users.length).toBe(2);
  for (const user of [...split.validation.users, ...split.test.users]) {
    expect(user).toBeGreaterThanOrEqual(50);
  }
});

test("too few users are refused with a sentence", () => {
  expect(() => splitStrong(csrFromRows([[[0, 1]]], 1), { seed: 1 })).toThrow(
    /Only 0 of 1 users have at least 5 interactions/,
  );
});
