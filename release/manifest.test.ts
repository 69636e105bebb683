import { expect, test } from "vitest";
import { parseManifest } from "./manifest.ts";

const MANIFEST = {
  format: 1,
  release: "20260101-000000-aaaaaaaa",
  createdAt: "2026-01-01T00:00:00.000Z",
  code: "0.1.0",
  dataset: { hash: "d", watermark: 7, users: 2, items: 3, interactions: 5 },
  model: { name: "linear", kind: "neural", dimensions: 4, settings: { dropout: 0.3 } },
  metrics: { "ndcg@100": { mean: 0.4, ci95: [0.3, 0.5] } },
  baseline: { name: "popularity", metrics: {} },
  gate: { passed: true, reasons: [], forced: false },
  lists: { shardCount: 1, hashSeed: 1, users: 2, listLength: 20 },
  values: [{ key: "l/0", bytes: 10, sha256: "0".repeat(64) }],
};

function parseWith(change: Record<string, unknown>) {
  return () => parseManifest(JSON.stringify({ ...MANIFEST, ...change }));
}

test("a manifest comes back as it was written; what a later version adds is passed over", () => {
  expect(parseManifest(JSON.stringify(MANIFEST))).toEqual(MANIFEST);
  expect(parseWith({ later: true })()).toEqual(MANIFEST);
});

test.each([
  ["another format", { format: 3 }, "format"],
  ["a release id that would leave its prefix", { release: "../other" }, "release"],
  ["no shards", { lists: { ...MANIFEST.lists, shardCount: 0 } }, "lists.shardCount"],
  [
    "a value outside the known keys",
    { values: [{ ...MANIFEST.values[0], key: "../pointer" }] },
    "values.0.key",
  ],
  [
    "a checksum that is none",
    { values: [{ ...MANIFEST.values[0], sha256: "x" }] },
    "values.0.sha256",
  ],
  ["a negative size", { values: [{ ...MANIFEST.values[0], bytes: -1 }] }, "values.0.bytes"],
])("%s is refused, and the member is named", (_, change, member) => {
  expect(parseWith(change)).toThrow(`This manifest is not one: ${member}: `);
});

test("what is not JSON is refused", () => {
  expect(() => parseManifest("<html>")).toThrow(
    expect.objectContaining({ code: "MANIFEST_INVALID" }),
  );
});
