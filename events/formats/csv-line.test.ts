import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitCsvLine } from "./csv-line.ts";

/** The well-kept parser, on one line; null where it refuses the line. */
function oracle(line: string): string[] | null {
  try {
    const records = parse(line, { relax_column_count: true }) as string[][];
    return records.length === 1 ? records[0]! : null;
  } catch {
    return null;
  }
}

test("splits a line as csv-parse does, and refuses what it refuses", () => {
  const line = fc
    .array(fc.constantFrom('"', '""', ",", "a", " ", "é", "|"), { minLength: 1, maxLength: 12 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(line, (text) => {
      expect(splitCsvLine(text)).toEqual(oracle(text));
    }),
    { numRuns: 2000 },
  );
});

test("gives back any fields that were quoted", () => {
  const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;
  const fields = fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 });
  fc.assert(
    fc.property(fields, (values) => {
      expect(splitCsvLine(values.map(quote).join(","))).toEqual(values);
    }),
  );
});
