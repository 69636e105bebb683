import { expect, test } from "vitest";
import { type Csr, csrFromRows } from "../csr.ts";
import { type HiddenModelSize, hiddenModel } from "../fixtures/hidden-model.ts";
import { encodeProfiles } from "../models/encode.ts";
import type { ServedModel } from "../models/model.ts";
import { seededRandom } from "../random.ts";
import { Encoder } from "./encoder.ts";
import { createKernel } from "./kernel.ts";
import { layOut, workArea } from "./layout.ts";
import { packHidden } from "./pack-hidden.ts";
import { packItems } from "./quantise.ts";

/** Up to 30 items a user with weights of either sign; the first user has none. */
function exampleProfiles(users: number, items: number): Csr {
  const random = seededRandom(7);
  const rows = Array.from({ length: users }, (_, user) => {
    const own = new Map<number, number>();
    const count = user === 0 ? 0 : 1 + Math.floor(random() * 30);
    for (let at = 0; at < count; at++) own.set(Math.floor(random() * items), 2 * random() - 0.5);
    return [...own];
  });
  return csrFromRows(rows, items);
}

/** An encoder of the second of two threads: its work area is not the first. */
function encoderOf(served: ServedModel) {
  const { items, dimensions, linear, hidden, sharpness } = served;
  const layout = layOut({ items, dimensions, linear, hidden, threads: 2 });
  const { pages } = layout;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  packItems(memory, layout, served.rows);
  packHidden(memory, layout, served);
  const area = workArea(layout, 1);
  const kernel = createKernel(memory, layout, area, sharpness);
  return { encoder: new Encoder(served, kernel, memory, layout, area), layout };
}

/** The block's vectors, users x dimensions. */
function encoded(served: ServedModel, blocks: readonly Csr[]): Float32Array[] {
  const { encoder, layout } = encoderOf(served);
  const { stride, dimensions } = layout;
  return blocks.map((block) => {
    encoder.encode(block);
    const vectors = new Float32Array(block.rows * dimensions);
    for (let row = 0; row < block.rows; row++) {
      const vector = encoder.vectors.subarray(row * stride, (row + 1) * stride);
      expect(vector.subarray(dimensions).every((padding) => padding === 0)).toBe(true);
      vectors.set(vector.subarray(0, dimensions), row * dimensions);
    }
    return vectors;
  });
}

const sizes: Record<string, HiddenModelSize> = {
  "a model without a hidden layer": { items: 50, linear: 20, outputs: 0, hidden: 0 },
  "one unit over one dimension": { items: 40, linear: 1, outputs: 1, hidden: 1 },
  "dimensions and units of odd numbers": { items: 60, linear: 13, outputs: 21, hidden: 37 },
  "whole tiles of units": { items: 60, linear: 24, outputs: 24, hidden: 256 },
  "a tile begun": { items: 60, linear: 32, outputs: 7, hidden: 131 },
  "units that hardly fall off": { items: 60, linear: 8, outputs: 8, hidden: 20, sharpness: 0.01 },
  "units that fall off fast": { items: 60, linear: 8, outputs: 8, hidden: 20, sharpness: 40 },
  "units that are silent but at their centres": {
    items: 60,
    linear: 8,
    outputs: 8,
    hidden: 20,
    sharpness: 1e4,
  },
};

test.each(Object.entries(sizes))("%s: user vectors are the plain way's", (_, size) => {
  const served = hiddenModel(size);
  const { dimensions } = served;
  const profiles = exampleProfiles(107, size.items);
  const plain = new Float32Array(profiles.rows * dimensions);
  encodeProfiles(served, profiles, plain);
  const [vectors] = encoded(served, [profiles]);
  for (let user = 0; user < profiles.rows; user++) {
    const own = plain.subarray(user * dimensions, (user + 1) * dimensions);
    const length = Math.hypot(...own);
    own.forEach((value, d) => {
      const difference = Math.abs(vectors![user * dimensions + d]! - value);
      expect(difference).toBeLessThanOrEqual(1e-5 * length + 1e-30);
    });
  }
});

test("a user's vector depends neither on the block nor on the blocks before it, to the bit", () => {
  const served = hiddenModel({ items: 60, linear: 13, outputs: 21, hidden: 300 });
  const many = exampleProfiles(107, 60);
  const { dimensions } = served;
  const few = { ...many, rows: 3, offsets: many.offsets.slice(0, 4) };
  const [alone] = encoded(served, [few]);
  const [together, after] = encoded(served, [many, few]);
  expect(after).toEqual(alone);
  expect(together!.subarray(0, 3 * dimensions)).toEqual(alone);
});

test("a number that is none in the hidden layer is not lost", () => {
  const served = hiddenModel({ items: 60, linear: 8, outputs: 8, hidden: 20 });
  served.centres[8 * 11 + 3] = Number.NaN;
  const [vectors] = encoded(served, [exampleProfiles(4, 60)]);
  expect(vectors!.subarray(16 + 8, 32).every(Number.isNaN)).toBe(true);
});
