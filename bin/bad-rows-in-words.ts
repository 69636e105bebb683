import type { ReadCounts } from "../trainer/import/read-directory.ts";

/**
 * What became of bad rows, as the end of a sentence, with a line for each reason; empty without any.
 *
 * @param fate where they went: "in quarantine".
 */
export function badRowsInWords(
  { badRows, reasons }: Pick<ReadCounts, "badRows" | "reasons">,
  fate: string,
): string {
  if (badRows === 0) return "";
  const lines = Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, times]) => `\n    ${count(times)} × ${reason}`);
  return `, ${count(badRows)} bad rows ${fate}${lines.join("")}`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
