import { beforeAll, expect, test } from "vitest";
import { multiplyInto, openBackend, transposed, upload } from "./backend.ts";
import { seededRandom } from "./random.ts";

beforeAll(() => openBackend("wasm"));

function randomArray(length: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => random() - 0.5);
}

test("a product equals the textbook's", () => {
  const a = randomArray(5 * 7, 1);
  const b = randomArray(7 * 3, 2);
  const out = new Float32Array(15);
  multiplyInto(upload(a, 5, 7), upload(b, 7, 3), out);
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let k = 0; k < 7; k++) sum += a[i * 7 + k]! * b[k * 3 + j]!;
      expect(out[i * 3 + j]).toBeCloseTo(sum, 5);
    }
  }
});

test("a transpose turns rows into columns", () => {
  const identity = upload(Float32Array.of(1, 0, 0, 1), 2, 2);
  const out = new Float32Array(6);
  multiplyInto(transposed(upload(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)), identity, out);
  expect(Array.from(out)).toEqual([1, 4, 2, 5, 3, 6]);
});

test("a second backend in one process is refused", () => {
  expect(() => openBackend("cpu")).toThrow(/already in use/);
});

test("the wasm loader leaves no crash listeners behind", () => {
  for (const listener of process.listeners("uncaughtException")) {
    expect(String(listener)).not.toContain("ExitStatus");
  }
});
