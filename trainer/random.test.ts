import { expect, test } from "vitest";
import { seededRandom, shuffle } from "./random.ts";

test("a seed gives the same numbers each time, another seed others", () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("numbers are spread evenly over 0..1", () => {
  const random = seededRandom(42);
  const tenths = new Array<number>(10).fill(0);
  for (let n = 0; n < 100_000; n++) tenths[Math.floor(random() * 10)]!++;
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test("a shuffle keeps every value", () => {
  const shuffled = shuffle(
    Uint32Array.from({ length: 100 }, (_, n) => n),
    seededRandom(3),
  );
  expect(Array.from(shuffled)).not.toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(Array.from(shuffled).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, n) => n),
  );
});
