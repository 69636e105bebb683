import { expect, test } from "vitest";
import { READ_FORMATS, unreadable, WRITTEN_FORMATS } from "./formats.ts";

test("this code reads what it writes", () => {
  expect(unreadable({ format: 1, formats: WRITTEN_FORMATS }, READ_FORMATS)).toBeNull();
  expect(unreadable({ format: 2, formats: WRITTEN_FORMATS }, READ_FORMATS)).toBeNull();
});

test("what a reader cannot read is named with what it can", () => {
  const release = { format: 2, formats: { ...WRITTEN_FORMATS, model: 7 } } as const;
  const reads = { ...READ_FORMATS, manifest: [1], model: [2, 3] };
  expect(unreadable(release, reads)).toBe(
    "format 2 of manifest (it reads 1) and format 7 of model (it reads 2, 3)",
  );
});

test("a manifest from before formats were named claims nothing", () => {
  expect(unreadable({ format: 1 }, READ_FORMATS)).toBeNull();
});
