import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeProfile } from "./encode.ts";
import { noise, noiseModel } from "./fixtures/noise-model.ts";
import { foldIn } from "./foldin.ts";
import { buildModel, ModelView } from "./model.ts";
import { plainScan } from "./scan.ts";
import { simdScan } from "./simd-scan.ts";
import { topK } from "./topk.ts";
import { assembleScanKernel } from "./wasm/scan-kernel.ts";

const committed = readFileSync(new URL("./wasm/scan.wasm", import.meta.url));
const kernel = new WebAssembly.Module(committed);

test("the committed kernel is what the generator makes", () => {
  expect(new Uint8Array(committed)).toEqual(assembleScanKernel());
});

test("the kernel scores as plain JavaScript does, whatever the number of items and dimensions", () => {
  const shapes = fc.record({
    items: fc.integer({ min: 1, max: 70 }),
    dimensions: fc.integer({ min: 1, max: 300 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(shapes, ({ items, dimensions, seed }) => {
      const value = noiseModel(items, { linear: dimensions, seed });
      const plain = plainScan(ModelView.from(value));
      const fast = simdScan(kernel, [value], items);
      const user = Float32Array.from({ length: dimensions }, noise(seed + 1));
      const expected = plain.score(user);
      const actual = fast.score(user);
      expect(actual.length).toBe(items);
      const tolerance = 1e-4 * Math.sqrt(dimensions);
      expected.forEach((score, item) => {
        expect(Math.abs(actual[item]! - score)).toBeLessThan(tolerance);
      });
    }),
  );
});

test("elements at their largest do not overflow the sums", () => {
  const [items, dimensions] = [5, 4_000];
  const value = buildModel({
    items,
    dimensions,
    linear: dimensions,
    hidden: 0,
    rows: new Float32Array(items * dimensions).fill(1),
    inputs: new Float32Array(items),
    stretch: new Float32Array(dimensions),
    centres: new Float32Array(0),
    sharpness: 1,
    mixing: new Float32Array(0),
  });
  const user = new Float32Array(dimensions).fill(3);
  for (const score of simdScan(kernel, [value], items).score(user)) {
    expect(score / (3 * dimensions)).toBeCloseTo(1, 3);
  }
});

test("a fold-in by the kernel ranks as the plain one", () => {
  const [items, dimensions] = [3_000, 256];
  const value = noiseModel(items, { linear: dimensions, hidden: 32 });
  const model = ModelView.from(value);
  const scan = simdScan(kernel, [value], items);
  const scores = new Float32Array(items);
  for (let user = 0; user < 20; user++) {
    const liked = Array.from({ length: 50 }, (_, at) => (user * 131 + at * 59) % items);
    const profile = { items: liked, weights: liked.map(() => 1) };
    foldIn(model, profile, scores);
    const fast = scan.score(encodeProfile(scan.model, profile));
    const expected = topK(scores, 20, liked).items;
    const same = topK(fast, 20, liked).items.filter((item) => expected.includes(item)).length;
    expect(same).toBeGreaterThanOrEqual(19);
  }
});

test("a model in parts is the same model, and one user's scan leaves nothing for the next", () => {
  const value = noiseModel(50, { linear: 30 });
  const whole = simdScan(kernel, [value], 50);
  const parts = simdScan(kernel, [value.slice(0, 1_000), value.slice(1_000)], 50);
  const user = Float32Array.from({ length: 30 }, noise(9));
  const expected = whole.score(user).slice();
  parts.score(new Float32Array(30).fill(100));
  expect(parts.score(user)).toEqual(expected);
});

test("damaged parts and a model of other items are refused", () => {
  const value = noiseModel(50, { linear: 30 });
  expect(() => simdScan(kernel, [value], 51)).toThrow(/has 50 items, the catalogue beside it 51/);
  expect(() => simdScan(kernel, [value.slice(0, 1_000)], 50)).toThrow(/damaged/);
  expect(() => simdScan(kernel, [], 50)).toThrow(/damaged/);
});
