import { createHash } from "node:crypto";
import * as v from "valibot";
import type { DatasetFacts } from "../../drizzle/dataset-facts.ts";
import { UsherError } from "../../release/error.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const manifestSchema = v.object({
  /** Version of the files' columns. */
  schema: v.literal(1),
  watermark: count,
  /** Files by ranges of sequence numbers, ascending. */
  parts: v.array(v.object({ from: count, to: count, rows: count, bytes: count, sha256 })),
  facts: v.custom<DatasetFacts>((facts) => typeof facts === "object" && facts !== null),
});

/** What a snapshot is: which files, up to which event, and what is in them. Holds no time of its own. */
export type SnapshotManifest = v.InferOutput<typeof manifestSchema>;
export type SnapshotPart = SnapshotManifest["parts"][number];

/** A snapshot by its hash: SHA-256 of the manifest's bytes, which name every file by its own. */
export interface Snapshot {
  readonly hash: string;
  readonly manifest: SnapshotManifest;
}

export function partKey(sha256: string): string {
  return `parts/${sha256}.parquet`;
}

export function manifestKeyOf(hash: string): string {
  return `snapshots/${hash}.json`;
}

/** The manifest's bytes; equal manifests have equal bytes. */
export function encodeManifest(manifest: SnapshotManifest): { hash: string; bytes: Uint8Array } {
  const bytes = new TextEncoder().encode(`${JSON.stringify(ordered(manifest), null, 1)}\n`);
  return { hash: createHash("sha256").update(bytes).digest("hex"), bytes };
}

/** @throws UsherError `SNAPSHOT_INVALID` naming the member that is not as it should be. */
export function parseSnapshotManifest(bytes: Uint8Array, name: string): SnapshotManifest {
  const text = new TextDecoder().decode(bytes);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), manifestSchema), text);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const where = v.getDotPath(issue) ?? "the document";
  throw new UsherError("SNAPSHOT_INVALID", `${name} is no snapshot: ${where}: ${issue.message}`);
}

/** Members in one order, whoever made the object: Postgres orders keys by length, others do not. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, ordered(member)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
