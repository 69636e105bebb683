/** Every statement about what could not be taken in. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

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

/** Keeps bad rows, in one round trip; the same row of the same line again is kept once. */
export async function insertQuarantine(
  database: Database,
  rows: readonly QuarantinedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const statement = sql`
    insert into quarantine (source, line, raw, reason)
    select source, line, raw, reason
    from jsonb_to_recordset(${JSON.stringify(rows.map(storable))}::jsonb)
      as row(source text, line integer, raw text, reason text)
    on conflict do nothing`;
  await explained(`Keeping ${rows.length} bad rows`, () => database.db.execute(statement));
}

/** A row as the table takes it: its text cut, and without what Postgres cannot keep. */
export function storable(row: QuarantinedRow): QuarantinedRow {
  return { ...row, raw: printable(row.raw.slice(0, RAW_LENGTH)), reason: printable(row.reason) };
}

/** Postgres' text takes every character but NUL and half a surrogate pair, which a cut can leave. */
function printable(raw: string): string {
  return raw.replaceAll("\u0000", "\u2400").toWellFormed();
}
