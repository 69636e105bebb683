/** Every statement about what could not be taken in. */
import type { Database } from "./database.ts";
import { quarantine } from "./schema.ts";

/** One row or message that is kept as it came, with the reason. */
export interface QuarantinedRow {
  readonly source: string;
  /** Line in the file, from 1; null where there are no lines. */
  readonly line: number | null;
  readonly raw: string;
  readonly reason: string;
}

/** Enough of a row to see what is wrong with it, in characters. */
const RAW_LENGTH = 2_000;

/** Keeps bad rows; the same row of the same line again is kept once. */
export async function insertQuarantine(
  database: Database,
  rows: readonly QuarantinedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const storable = rows.map((row) => ({ ...row, raw: printable(row.raw).slice(0, RAW_LENGTH) }));
  await database.db.insert(quarantine).values(storable).onConflictDoNothing();
}

/** Postgres' text takes every character but NUL. */
function printable(raw: string): string {
  return raw.replaceAll("\u0000", "\u2400");
}
