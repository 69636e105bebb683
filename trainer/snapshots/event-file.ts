import { createHash } from "node:crypto";
import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { StoredEvent } from "../../drizzle/event-ranges.ts";
import { UsherError } from "../../release/error.ts";
import { partKey, type SnapshotPart } from "./snapshot-manifest.ts";
import type { SnapshotStore } from "./store.ts";

/**
 * Events as a Parquet file, one row each in the order given. The same events give the same bytes, on
 * every machine: nothing of it depends on time, place or the version that wrote it.
 */
function encodeEvents(events: readonly StoredEvent[]): Uint8Array {
  const text = (name: "eventId" | "userId" | "itemId" | "type" | "source") => {
    const data = events.map((event) => event[name]);
    return { name, data, type: "STRING" as const, nullable: false };
  };
  const number = (name: "value" | "minutes" | "share") => {
    return {
      name,
      data: events.map((event) => event[name]),
      type: "FLOAT" as const,
      nullable: true,
    };
  };
  const buffer = parquetWriteBuffer({
    createdBy: "usher",
    columnData: [
      { name: "seq", data: events.map(({ seq }) => BigInt(seq)), type: "INT64", nullable: false },
      text("eventId"),
      text("userId"),
      text("itemId"),
      text("type"),
      number("value"),
      number("minutes"),
      number("share"),
      {
        name: "occurredAt",
        data: events.map(({ occurredAt }) => new Date(occurredAt)),
        type: "TIMESTAMP",
        nullable: false,
      },
      text("source"),
      {
        name: "requestId",
        data: events.map(({ requestId }) => requestId),
        type: "STRING",
        nullable: true,
      },
    ],
  });
  return new Uint8Array(buffer);
}

/** What is read of an event; what is left out costs no time. */
export type EventColumn = keyof StoredEvent;

const ALL: readonly EventColumn[] = [
  "seq",
  "eventId",
  "userId",
  "itemId",
  "type",
  "value",
  "minutes",
  "share",
  "occurredAt",
  "source",
  "requestId",
];

/** Reads such a file: its rows with some of the columns. */
export async function decodeEvents<Column extends EventColumn = EventColumn>(
  bytes: Uint8Array,
  columns: readonly Column[] = ALL as readonly Column[],
): Promise<Pick<StoredEvent, Column>[]> {
  const file = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({ file, columns: [...columns] });
  for (const row of rows) {
    if (row["seq"] !== undefined) row["seq"] = Number(row["seq"]);
    if (row["occurredAt"] instanceof Date) row["occurredAt"] = row["occurredAt"].getTime();
  }
  return rows as unknown as Pick<StoredEvent, Column>[];
}

/** Writes events as a file of a store, and says what it is. */
export async function writeEventFile(
  store: SnapshotStore,
  events: readonly StoredEvent[],
): Promise<Pick<SnapshotPart, "rows" | "bytes" | "sha256">> {
  const bytes = encodeEvents(events);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await store.write(partKey(sha256), bytes);
  return { rows: events.length, bytes: bytes.length, sha256 };
}

/**
 * Reads a file of a store: its rows with some of the columns.
 *
 * @throws UsherError `ARCHIVE_DAMAGED` when it is missing or is not what was written.
 */
export async function readEventFile<Column extends EventColumn = EventColumn>(
  store: SnapshotStore,
  { sha256 }: Pick<SnapshotPart, "sha256">,
  columns?: readonly Column[],
): Promise<Pick<StoredEvent, Column>[]> {
  const key = partKey(sha256);
  const bytes = await store.read(key);
  const isIt = bytes !== null && createHash("sha256").update(bytes).digest("hex") === sha256;
  if (isIt) return decodeEvents(bytes, columns);
  throw new UsherError(
    "ARCHIVE_DAMAGED",
    `${key} in ${store.place} ${bytes === null ? "is missing" : "is not what was written"}: events that have left the database are in it. Bring that file back from a copy of the store; its name is its SHA-256.`,
  );
}
