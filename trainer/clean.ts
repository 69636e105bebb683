/**
 * The cleaning rules between raw events and a dataset; each tells the log what it kept and dropped.
 */
import type { CleaningLog } from "./cleaning-report.ts";
import { type EventColumns, IMPLICIT, REMOVAL } from "./event-columns.ts";

/** One event as the snapshot or an import file gives it. `occurredAt` in epoch ms, 0 = unknown. */
export interface EventRow {
  userId: string;
  itemId: string;
  type: string;
  /** Rating 0.5..5 of a `rate` event, null on the others. */
  value: number | null;
  occurredAt: number;
}

export interface CleaningOptions {
  /**
   * Events of one user in one UTC day above which the user may be a bot. Default 2,000: one every
   * 20 seconds for eleven hours. Events of unknown time count towards no day.
   */
  botInteractionsPerDay?: number;
  /** A bot has also touched more than this share of the catalogue. Default 0.5. */
  botCatalogueShare?: number;
  /** Items with fewer interacting users are left out. Default 1. */
  minItemInteractions?: number;
  /** Users with fewer interactions are left out. Default 1. */
  minUserInteractions?: number;
}

const KNOWN_TYPES = new Set(["rate", "play", "click", "view", "remove"]);
const DAY_MS = 86_400_000;

/** Row rules: appends the event to `columns` unless its type, value or time rules it out. */
export function admit(event: EventRow, columns: EventColumns, log: CleaningLog): void {
  const { userId, itemId, type, value, occurredAt } = event;
  const where = () => `user ${userId}, item ${itemId}`;
  if (!KNOWN_TYPES.has(type)) {
    log.drop("type", 1, () => `${where()}: type "${type}" carries no interest`);
    return;
  }
  log.keep("type");
  if (type === "rate" && !(value !== null && value >= 0.5 && value <= 5)) {
    log.drop("value", 1, () => `${where()}: rating ${value} is outside 0.5..5`);
    return;
  }
  log.keep("value");
  if (!Number.isFinite(occurredAt)) {
    log.drop("time", 1, () => `${where()}: time ${occurredAt} is not a number of milliseconds`);
    return;
  }
  log.keep("time");
  columns.append(userId, itemId, occurredAt, columnValue(type, value));
}

function columnValue(type: string, value: number | null): number {
  if (type === "remove") return REMOVAL;
  return type === "rate" ? value! : IMPLICIT;
}

type RowsByUser = ReturnType<EventColumns["rowsByUser"]>;

/** User rule: 1 for every user whose traffic no person makes (interned numbering). */
export function findBots(
  columns: EventColumns,
  { offsets, rows }: RowsByUser,
  options: CleaningOptions,
  log: CleaningLog,
): Uint8Array {
  const { botInteractionsPerDay = 2000, botCatalogueShare = 0.5 } = options;
  const bots = new Uint8Array(columns.users.ids.length);
  const catalogue = columns.items.ids.length;
  for (let user = 0; user < bots.length; user++) {
    const own = rows.subarray(offsets[user]!, offsets[user + 1]!);
    const busiest = own.length > botInteractionsPerDay ? busiestDay(columns, own) : 0;
    const touched = busiest > botInteractionsPerDay ? distinctItems(columns, own) : 0;
    if (touched <= botCatalogueShare * catalogue) {
      log.keep("bot", own.length);
      continue;
    }
    bots[user] = 1;
    log.drop(
      "bot",
      own.length,
      () =>
        `user ${columns.users.ids[user]}: ${busiest} events in one day, ` +
        `${touched} of ${catalogue} items`,
    );
  }
  return bots;
}

function busiestDay(columns: EventColumns, rows: Uint32Array): number {
  const perDay = new Map<number, number>();
  let most = 0;
  for (const row of rows) {
    const time = columns.time(row);
    if (time === 0) continue;
    const day = Math.floor(time / DAY_MS);
    const count = (perDay.get(day) ?? 0) + 1;
    perDay.set(day, count);
    if (count > most) most = count;
  }
  return most;
}

function distinctItems(columns: EventColumns, rows: Uint32Array): number {
  const items = new Set<number>();
  for (const row of rows) items.add(columns.item(row));
  return items.size;
}

/**
 * Duplicate rule: of all rows of one user and item, the one that stands. A rating stands before any
 * implicit event; otherwise the later one by occurrence time, and at the same time the one that
 * arrived later (the only place where order of arrival can matter).
 *
 * Returns the standing row numbers grouped by user; bots have none.
 */
export function keepLatest(
  columns: EventColumns,
  { offsets, rows }: RowsByUser,
  bots: Uint8Array,
  log: CleaningLog,
): RowsByUser {
  const kept = { offsets: new Uint32Array(offsets.length), rows: new Uint32Array(rows.length) };
  const stampedBy = new Int32Array(columns.items.ids.length).fill(-1);
  const slot = new Uint32Array(columns.items.ids.length);
  let end = 0;
  for (let user = 0; user < bots.length; user++) {
    const start = end;
    for (let at = offsets[user]!; at < offsets[user + 1]! && bots[user] === 0; at++) {
      const row = rows[at]!;
      const item = columns.item(row);
      if (stampedBy[item] !== user) {
        stampedBy[item] = user;
        slot[item] = end;
        kept.rows[end++] = row;
      } else if (supersedes(columns, row, kept.rows[slot[item]!]!)) {
        kept.rows[slot[item]!] = row;
      }
    }
    kept.offsets[user + 1] = end;
    logDuplicates(
      columns,
      user,
      bots[user] === 1 ? 0 : offsets[user + 1]! - offsets[user]!,
      end - start,
      log,
    );
  }
  return { offsets: kept.offsets, rows: kept.rows.subarray(0, end) };
}

function supersedes(columns: EventColumns, later: number, standing: number): boolean {
  const laterRated = !Number.isNaN(columns.value(later));
  const standingRated = !Number.isNaN(columns.value(standing));
  if (laterRated !== standingRated) return laterRated;
  return columns.time(later) >= columns.time(standing);
}

function logDuplicates(
  columns: EventColumns,
  user: number,
  seen: number,
  kept: number,
  log: CleaningLog,
): void {
  log.keep("duplicate", kept);
  if (seen === kept) return;
  log.drop(
    "duplicate",
    seen - kept,
    () => `user ${columns.users.ids[user]}: ${seen - kept} events repeat an item of the same user`,
  );
}

/**
 * Size rule: which users and items are large enough (1 = kept, interned numbering). Leaving out an
 * item can make a user too small and the reverse, so it repeats until nothing changes.
 */
export function keepLargeEnough(
  columns: EventColumns,
  standing: RowsByUser,
  options: CleaningOptions,
  log: CleaningLog,
): { users: Uint8Array; items: Uint8Array } {
  const { minItemInteractions = 1, minUserInteractions = 1 } = options;
  const users = new Uint8Array(columns.users.ids.length).fill(1);
  const items = new Uint8Array(columns.items.ids.length).fill(1);
  let kept = -1;
  for (let now = 0; now !== kept; ) {
    kept = now;
    const sizes = sizesOf(columns, standing, users, items);
    now = sizes.total;
    sizes.users.forEach((size, user) => {
      if (size < Math.max(1, minUserInteractions)) users[user] = 0;
    });
    sizes.items.forEach((size, item) => {
      if (size < Math.max(1, minItemInteractions)) items[item] = 0;
    });
  }
  log.keep("rare", kept);
  const dropped = standing.rows.length - kept;
  if (dropped > 0) log.drop("rare", dropped, () => rareExample(columns, standing, users, items));
  return { users, items };
}

function sizesOf(
  columns: EventColumns,
  { offsets, rows }: RowsByUser,
  users: Uint8Array,
  items: Uint8Array,
): { users: Uint32Array; items: Uint32Array; total: number } {
  const sizes = {
    users: new Uint32Array(users.length),
    items: new Uint32Array(items.length),
    total: 0,
  };
  for (let user = 0; user < users.length; user++) {
    if (users[user] === 0) continue;
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const item = columns.item(rows[at]!);
      if (items[item] === 0) continue;
      sizes.users[user]!++;
      sizes.items[item]!++;
      sizes.total++;
    }
  }
  return sizes;
}

function rareExample(
  columns: EventColumns,
  { rows }: RowsByUser,
  users: Uint8Array,
  items: Uint8Array,
): string {
  const row = rows.find((r) => users[columns.user(r)] === 0 || items[columns.item(r)] === 0)!;
  const user = columns.users.ids[columns.user(row)];
  const item = columns.items.ids[columns.item(row)];
  return `user ${user}, item ${item}: one of the two has too few interactions`;
}
