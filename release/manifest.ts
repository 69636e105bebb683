/** The manifest: what a release is, where it comes from, and the checksum of every value of it. */
import * as v from "valibot";
import { UsherError } from "./error.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const MetricSchema = v.object({ mean: v.number(), ci95: v.tuple([v.number(), v.number()]) });
const MetricsSchema = v.record(v.string(), MetricSchema);

/** What the next cycle compares its own data with, so as to notice a drift. */
const DatasetSketchSchema = v.object({
  /** Interactions without a rating, then those rated 0.5, 1, … 5. */
  values: v.pipe(v.array(count), v.length(11)),
  /** The lowest 32-bit hashes of the item ids, ascending, at most 256, 8 hex digits each. */
  itemSample: v.pipe(v.string(), v.regex(/^([0-9a-f]{8}){0,256}$/)),
});

/** 2 where checksums lie in a value of their own, 1 where the manifest names every value. */
export const MANIFEST_FORMATS = [1, 2] as const;

/** What every manifest is checked against. */
export const ManifestSchema = v.object({
  format: v.picklist(MANIFEST_FORMATS),
  release: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/)),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  /** Version of the code that made it. */
  code: v.string(),
  dataset: v.object({
    hash: v.string(),
    /** Highest event sequence in it; null when it came from files. */
    watermark: v.nullable(count),
    /** When the watermark was taken: what was stored before is in it. */
    takenAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
    users: count,
    items: count,
    interactions: count,
    sketch: v.optional(DatasetSketchSchema),
  }),
  model: v.object({
    name: v.string(),
    kind: v.string(),
    dimensions: count,
    settings: v.record(v.string(), v.unknown()),
  }),
  /** Of the model on held-out users, by the metric's name. */
  metrics: MetricsSchema,
  baseline: v.object({ name: v.string(), metrics: MetricsSchema }),
  gate: v.object({
    passed: v.boolean(),
    reasons: v.array(v.string()),
    forced: v.boolean(),
    notes: v.optional(v.array(v.string())),
  }),
  lists: v.object({
    shardCount: v.pipe(v.number(), v.integer(), v.minValue(1)),
    hashSeed: count,
    /** Users who have a list. */
    users: count,
    listLength: count,
    /** How lists were re-ranked; absent when they are in the order of scores. */
    diversity: v.optional(
      v.object({
        candidates: count,
        lambda: v.optional(v.number()),
        perCategory: v.optional(v.object({ most: count, window: count })),
      }),
    ),
  }),
  /** What each user interacted with, by the hash seed of the lists; absent: the edge is not told. */
  profiles: v.optional(v.object({ shardCount: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
  /** Format versions of the values, by kind: `catalogue`, `model`, `lists`, `profiles`. */
  formats: v.optional(v.record(v.string(), count)),
  /** Of format 2: what the value `checksums` lists, so that nobody has to read it to tell. */
  listed: v.optional(v.object({ values: count, bytes: count })),
  /**
   * Every value but the manifest itself; `key` is relative to the release's prefix in KV. Of format
   * 2 the shards are left out: the value `checksums`, which is among these, lists them.
   */
  values: v.array(
    v.object({
      key: v.pipe(v.string(), v.regex(/^(catalogue|checksums|model\/\d+|[lp]\/\d+)$/)),
      bytes: count,
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
});

export type DatasetSketch = v.InferOutput<typeof DatasetSketchSchema>;
export type Manifest = v.InferOutput<typeof ManifestSchema>;
/** One value of a release: its key below the release's prefix, its size and its SHA-256 in hex. */
export type ValueRecord = Manifest["values"][number];

/** @throws UsherError `MANIFEST_INVALID` naming the member that is not as it should be. */
export function parseManifest(text: string): Manifest {
  const result = v.safeParse(ManifestSchema, parseJson(text));
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? "the document";
  throw new UsherError("MANIFEST_INVALID", `This manifest is not one: ${where}: ${issue.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
