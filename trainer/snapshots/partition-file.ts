import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { ArchivedEvent } from "../../drizzle/partitions.ts";

/**
 * Events as a Parquet file, one row each in the order given. The same events give the same bytes, on
 * every machine: nothing of it depends on time, place or the version that wrote it.
 */
export function encodePartition(events: readonly ArchivedEvent[]): Uint8Array {
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

/** Reads such a file. */
export async function decodePartition(bytes: Uint8Array): Promise<ArchivedEvent[]> {
  const file = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({ file });
  return rows.map((row) => ({
    ...(row as unknown as ArchivedEvent),
    seq: Number(row["seq"]),
    occurredAt: (row["occurredAt"] as Date).getTime(),
  }));
}
