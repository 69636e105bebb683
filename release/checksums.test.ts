import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isListedApart,
  listApart,
  parseChecksums,
  withEveryValue,
  writeChecksums,
} from "./checksums.ts";
import type { Manifest } from "./manifest.ts";

const record = fc.record({
  key: fc
    .tuple(fc.constantFrom("l", "p"), fc.nat(100_000))
    .map(([kind, number]) => `${kind}/${number}`),
  bytes: fc.nat(26_214_400),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
});

test("what is listed is read again, in its order", () => {
  fc.assert(
    fc.property(fc.array(record), (values) => {
      const text = new TextDecoder().decode(writeChecksums(values));
      expect(parseChecksums(text)).toEqual(values);
    }),
  );
});

test.each([
  ["cut short", `l/0 1 ${"0".repeat(64)}`],
  ["a key outside the shards", `pointer 1 ${"0".repeat(64)}\n`],
  ["a checksum too short", "l/0 1 00\n"],
  ["an empty line", "\n"],
])("%s is refused, and the line is named", (_, text) => {
  expect(() => parseChecksums(text)).toThrow(/^This is no list of checksums: line 1 /);
});

const LISTED = [{ key: "l/0", bytes: 3, sha256: "a".repeat(64) }];
const VALUE = writeChecksums(LISTED);
const SHA256 = createHash("sha256").update(VALUE).digest("hex");
const OWN = { key: "checksums", bytes: VALUE.length, sha256: SHA256 };
const LARGE = { format: 2, release: "r1", values: [OWN] } as unknown as Manifest;

test("a large release's values are its manifest's and those listed beside it", async () => {
  const { values } = await withEveryValue(LARGE, async () => VALUE);
  expect(values).toEqual([OWN, ...LISTED]);
  expect(values.map(isListedApart)).toEqual([false, true]);
});

test("a list that is not the manifest's own, or is not there, is refused", async () => {
  const other = writeChecksums([...LISTED, ...LISTED]);
  await expect(withEveryValue(LARGE, async () => other)).rejects.toThrow(
    /not that of the manifest/,
  );
  await expect(withEveryValue(LARGE, async () => null)).rejects.toThrow(/has no value "checksums"/);
});

test("a release whose manifest names every value is not asked for more", async () => {
  const small = { ...LARGE, format: 1 } as Manifest;
  const read = () => Promise.reject(new Error("read"));
  expect(await withEveryValue(small, read)).toBe(small);
});

test("shards leave the manifest of a large release alone, and together", () => {
  const value = (key: string) => ({ key, bytes: 3, sha256: "0".repeat(64) });
  const shards = (count: number) => Array.from({ length: count }, (_, at) => value(`l/${at}`));
  const named = [value("catalogue"), value("model/0")];
  expect(listApart([...named, ...shards(1_998)])).toBeNull();
  const apart = listApart([...named, ...shards(1_999)])!;
  expect(apart.named).toEqual(named);
  expect(apart.listed).toEqual({ values: 1_999, bytes: 3 * 1_999 });
  expect(parseChecksums(new TextDecoder().decode(apart.list))).toEqual(shards(1_999));
});
