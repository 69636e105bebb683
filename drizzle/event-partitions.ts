/** The partitions of the events table, each a range of the sequence. */
import { sql } from "drizzle-orm";
import { UsherError } from "../release/error.ts";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** Sequence numbers of a partition: some 3 GB with indexes, and a multiple of a snapshot's files. */
export const PARTITION_SIZE = 10_000_000;

/** Sequence numbers that are made room for at once: what several writers draw in a few seconds. */
const AHEAD = 100_000;

/** Those who make partitions take turns on this lock; the number only has to be ours. */
const MAKING = 7_316_404;

/** A range of sequence numbers, both ends included. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

/** A partition of the events. */
export interface EventPartition extends SequenceRange {
  /** The table's name. */
  readonly name: string;
}

type Executor = Pick<Database["db"], "execute">;

/** Every partition there is, ascending. */
export async function eventPartitions(database: Executor): Promise<EventPartition[]> {
  const { rows } = await database.execute<{ name: string; bound: string }>(sql`
    select relname as name, pg_get_expr(relpartbound, pg_class.oid) as bound
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'events'::regclass`);
  return rows
    .map(({ name, bound }) => ({ name, ...rangeOf(name, bound) }))
    .sort((a, b) => a.from - b.from);
}

/** Postgres writes a range as `FOR VALUES FROM ('1') TO ('10000001')`, the end not included. */
function rangeOf(name: string, bound: string): SequenceRange {
  const [, from, end] = /FROM \('(\d+)'\) TO \('(\d+)'\)/.exec(bound) ?? [];
  if (from !== undefined && end !== undefined) return { from: Number(from), to: Number(end) - 1 };
  throw new UsherError(
    "PARTITION_UNKNOWN",
    `The partition ${name} of events holds ${bound}, which is none of Usher's. Detach it with "alter table events detach partition ${name}" once its rows are elsewhere.`,
  );
}

/** Makes the partitions that the next numbers of the sequence need. */
export async function makeRoom(database: Database): Promise<void> {
  const { rows } = await database.db.execute<{ last: number }>(
    sql`select last_value::double precision as last from events_seq_seq`,
  );
  const { last } = rows[0]!;
  await ensurePartitions(database, { from: last, to: last + AHEAD });
}

/** Makes whatever partitions are missing for a range; those that are there stay as they are. */
export async function ensurePartitions(
  database: Database,
  wanted: SequenceRange,
  size = PARTITION_SIZE,
): Promise<void> {
  await explained("Making a partition of events", () =>
    database.db.transaction(async (transaction) => {
      await transaction.execute(sql`select pg_advisory_xact_lock(${MAKING})`);
      const there = await eventPartitions(transaction);
      for (const range of missingRanges(there, wanted, size)) await create(transaction, range);
    }),
  );
}

/** A table is attached, rather than made as a partition: that would wait for every reader. */
async function create(transaction: Executor, { from, to }: SequenceRange): Promise<void> {
  const name = sql.identifier(`events_from_${from}`);
  await transaction.execute(
    sql`create table ${name} (like events including defaults including constraints)`,
  );
  await transaction.execute(
    sql`alter table events attach partition ${name} for values from (${sql.raw(String(from))}) to (${sql.raw(String(to + 1))})`,
  );
}

/**
 * The ranges of `size` numbers, counted from 1, that a wanted range needs beside what is there; cut
 * short where they would overlap with it.
 *
 * @param there ascending.
 */
export function missingRanges(
  there: readonly SequenceRange[],
  wanted: SequenceRange,
  size: number,
): SequenceRange[] {
  const missing: SequenceRange[] = [];
  for (let at = wanted.from; at <= wanted.to; ) {
    const holder = there.find(({ from, to }) => from <= at && at <= to);
    if (holder !== undefined) {
      at = holder.to + 1;
      continue;
    }
    const start = Math.floor((at - 1) / size) * size + 1;
    const before = there.findLast(({ to }) => to < at);
    const after = there.find(({ from }) => from > at);
    const from = Math.max(start, before === undefined ? 1 : before.to + 1);
    const to = Math.min(start + size - 1, after === undefined ? Infinity : after.from - 1);
    missing.push({ from, to });
    at = to + 1;
  }
  return missing;
}
