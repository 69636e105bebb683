import fc from "fast-check";
import { expect, test } from "vitest";
import { KV_BULK_BYTES, KV_BULK_PAIRS } from "../../release/limits.ts";
import type { Manifest } from "../../release/manifest.ts";
import { costOfPush, type Found, planPush, readBackSample } from "./plan.ts";

const OWN = { bytes: 500, sha256: "f".repeat(64) };
const NOTHING: Found = { present: new Map() };

function manifestOf(sizes: readonly number[]): Manifest {
  const values = sizes.map((bytes, at) => ({ key: `l/${at}`, bytes, sha256: sha(at) }));
  return { release: "r1", values } as unknown as Manifest;
}

function sha(at: number): string {
  return at.toString(16).padStart(64, "0");
}

test("a push into an empty KV sends every value once, and the manifest", () => {
  const plan = planPush(manifestOf([10, 20, 30]), OWN, NOTHING);
  expect(plan).toMatchObject({ present: 0, writes: 4, bytes: 560, reads: 3, lists: 2 });
  expect(plan.batches.flat().map((value) => value.key)).toEqual([
    "r/r1/l/0",
    "r/r1/l/1",
    "r/r1/l/2",
  ]);
  expect(plan.manifest?.key).toBe("r/r1/manifest");
  // One bulk write, the manifest, three reads, a listing before and one after.
  expect(plan.requests).toBe(7);
});

test("only what is missing, different or known to be wrong is sent again", () => {
  const present = new Map([
    ["r/r1/l/0", sha(0)],
    ["r/r1/l/1", sha(9)],
    ["r/r1/l/2", null],
    ["r/r1/l/3", sha(3)],
    ["r/other/l/4", sha(4)],
    ["r/r1/manifest", OWN.sha256],
  ]);
  const found = { present, wrong: new Set(["r/r1/l/3"]) };
  const plan = planPush(manifestOf([1, 1, 1, 1, 1]), OWN, found);
  const sent = plan.batches.flat().map((value) => value.key);
  expect(sent).toEqual(["r/r1/l/1", "r/r1/l/2", "r/r1/l/3", "r/r1/l/4"]);
  expect(plan).toMatchObject({ present: 1, writes: 5 });
});

test("a release that is whole in KV is not written at all", () => {
  const present = new Map([
    ["r/r1/l/0", sha(0)],
    ["r/r1/manifest", OWN.sha256],
  ]);
  expect(planPush(manifestOf([1]), OWN, { present })).toMatchObject({
    writes: 0,
    bytes: 0,
    manifest: null,
    batches: [],
  });
});

test("batches keep to Cloudflare's limits and lose no value", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 25 * 1024 * 1024 }), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, (sizes) => {
      const { batches } = planPush(manifestOf(sizes), OWN, NOTHING);
      expect(batches.flat().map((value) => value.bytes)).toEqual(sizes);
      for (const batch of batches) {
        const body = batch.reduce((sum, value) => sum + (value.bytes * 4) / 3 + 300, 0);
        expect(body).toBeLessThan(KV_BULK_BYTES);
        expect(batch.length).toBeGreaterThan(0);
      }
    }),
  );
  const many = planPush(manifestOf(new Array(25_000).fill(1)), OWN, NOTHING);
  expect(Math.max(...many.batches.map((batch) => batch.length))).toBeLessThanOrEqual(KV_BULK_PAIRS);
});

test("the values read back are spread over the release, its first and last among them", () => {
  const keys = readBackSample(manifestOf(new Array(900).fill(1))).map((value) => value.key);
  expect(new Set(keys).size).toBe(16);
  expect([keys[0], keys.at(-1)]).toEqual(["r/r1/l/0", "r/r1/l/899"]);
  expect(readBackSample(manifestOf([1]))).toHaveLength(1);
  expect(readBackSample(manifestOf([]))).toHaveLength(0);
});

test("a push costs its writes, reads and listings by the documented prices", () => {
  const cost = costOfPush({ writes: 1_000_000, reads: 1_000_000, lists: 1_000_000 });
  expect(cost.dollars).toBeCloseTo(5 + 0.5 + 5, 9);
  expect(costOfPush({ writes: 900, reads: 16, lists: 2 }).freeDay).toBeCloseTo(0.9, 9);
  expect(costOfPush({ writes: 1, reads: 16, lists: 500 }).freeDay).toBeCloseTo(0.5, 9);
});
