/**
 * The removal rule: what a user took back no longer counts.
 */
import type { CleaningLog } from "./cleaning-report.ts";
import { type EventColumns, isRemoval } from "./event-columns.ts";

type RowsByUser = ReturnType<EventColumns["rowsByUser"]>;

/**
 * Leaves out removals, and of their user and item all that happened before them. What happened later
 * counts again; at the same instant the order of arrival decides.
 */
export function dropRemoved(
  columns: EventColumns,
  grouped: RowsByUser,
  log: CleaningLog,
): RowsByUser {
  const { offsets, rows } = grouped;
  if (!columns.hasRemovals) {
    log.keep("removed", rows.length);
    return grouped;
  }
  const kept = { offsets: new Uint32Array(offsets.length), rows: new Uint32Array(rows.length) };
  let end = 0;
  for (let user = 0; user + 1 < offsets.length; user++) {
    const own = rows.subarray(offsets[user]!, offsets[user + 1]!);
    const removals = latestRemovals(columns, own);
    const start = end;
    for (const row of own) {
      const removal = removals.get(columns.item(row));
      if (removal === undefined || happenedAfter(columns, row, removal)) kept.rows[end++] = row;
    }
    kept.offsets[user + 1] = end;
    log.keep("removed", end - start);
    const dropped = own.length - (end - start);
    if (dropped > 0) log.drop("removed", dropped, () => example(columns, user, removals));
  }
  return { offsets: kept.offsets, rows: kept.rows.subarray(0, end) };
}

/** The latest removal of each item among a user's rows, by item. */
function latestRemovals(columns: EventColumns, own: Uint32Array): Map<number, number> {
  const latest = new Map<number, number>();
  for (const row of own) {
    if (!isRemoval(columns.value(row))) continue;
    const item = columns.item(row);
    const known = latest.get(item);
    if (known === undefined || happenedAfter(columns, row, known)) latest.set(item, row);
  }
  return latest;
}

function happenedAfter(columns: EventColumns, row: number, other: number): boolean {
  const apart = columns.time(row) - columns.time(other);
  return apart === 0 ? row > other : apart > 0;
}

function example(columns: EventColumns, user: number, removals: Map<number, number>): string {
  const items = Array.from(removals.keys(), (item) => columns.items.ids[item]);
  const named = items.length === 1 ? `item ${items[0]}` : `${items.length} items`;
  return `user ${columns.users.ids[user]}: took back ${named}`;
}
