import fc from "fast-check";
import { expect, test } from "vitest";
import { csrFromRows, rowIndices } from "./csr.ts";
import { sampleUsers } from "./sample-users.ts";

/** A matrix whose user u has exactly the item u. */
const diagonal = (users: number) =>
  csrFromRows(
    Array.from({ length: users }, (_, user) => [[user, 1] as const]),
    users,
  );

const drawn = (users: number, share: number, seed: number) => {
  const { rows, indices } = sampleUsers(diagonal(users), share, seed);
  expect(indices.length).toBe(rows);
  return Array.from(indices);
};

const users = fc.integer({ min: 1, max: 200 });
const share = fc.double({ min: 0.001, max: 1, noNaN: true });

test("a sample holds its share of the users, each once, in their order, with what they did", () => {
  fc.assert(
    fc.property(users, share, fc.integer(), (count, part, seed) => {
      const sample = drawn(count, part, seed);
      expect(sample.length).toBe(Math.max(1, Math.round(count * part)));
      expect(sample).toEqual([...new Set(sample)].sort((a, b) => a - b));
    }),
  );
});

test("the same seed draws the same users, and a larger share of it holds the smaller", () => {
  fc.assert(
    fc.property(users, share, share, fc.integer(), (count, one, other, seed) => {
      const [small, large] = [Math.min(one, other), Math.max(one, other)];
      const more = new Set(drawn(count, large, seed));
      expect(drawn(count, small, seed).filter((user) => !more.has(user))).toEqual([]);
    }),
  );
  expect(drawn(200, 0.5, 1)).not.toEqual(drawn(200, 0.5, 2));
});

test("the whole share is the matrix itself", () => {
  const all = diagonal(5);
  expect(sampleUsers(all, 1, 1)).toBe(all);
  expect(rowIndices(sampleUsers(all, 0.2, 1), 0).length).toBe(1);
});
