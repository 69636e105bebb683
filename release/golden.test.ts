import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseChecksums, writeChecksums } from "./checksums.ts";
import { readBinary, readPointer } from "./golden/read.ts";
import { BINARY_SAMPLES, CHECKSUMS_SAMPLE } from "./golden/samples.ts";

const FOLDER = new URL("./golden/", import.meta.url);
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".bin"))
  .map((file) => file.slice(0, -".bin".length));

test("every sample has a golden file, and every golden file a sample", () => {
  expect(names.sort()).toEqual(Object.keys(BINARY_SAMPLES).sort());
});

describe.each(names)("golden %s", (name) => {
  test("is read as it was when it was written", () => {
    expect(readBinary(bytes(`${name}.bin`))).toEqual(json(`${name}.read.json`));
  });

  // After a meant change of format: raise its version, say it in FORMAT.md, `npm run golden`.
  test("is what the builder writes today, byte for byte", () => {
    expect(new Uint8Array(BINARY_SAMPLES[name]!())).toEqual(new Uint8Array(bytes(`${name}.bin`)));
  });
});

test("golden pointer sends every user where it did", () => {
  const text = readFileSync(new URL("pointer.json", FOLDER), "utf8");
  expect(readPointer(text)).toEqual(json("pointer.read.json"));
});

test("golden checksums are read as they were, and written as they are", () => {
  const text = readFileSync(new URL("checksums.txt", FOLDER), "utf8");
  expect(parseChecksums(text)).toEqual(json("checksums.read.json"));
  expect(new TextDecoder().decode(writeChecksums(CHECKSUMS_SAMPLE))).toBe(text);
});

function bytes(name: string): ArrayBuffer {
  return new Uint8Array(readFileSync(new URL(name, FOLDER))).buffer;
}

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
}
