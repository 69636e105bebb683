import { manifestKey, releasePrefix } from "../../release/keys.ts";
import { KV_BULK_BYTES, KV_BULK_PAIRS } from "../../release/limits.ts";
import type { Manifest } from "../../release/manifest.ts";
import { FREE_DAY, marginalCharge, PAID } from "../../release/prices.ts";

/** One KV value that a push will write. */
export interface PlannedValue {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a push will do, known before anything is written. */
export interface PushPlan {
  readonly release: string;
  /** Values already in KV with the right checksum: not sent again. */
  readonly present: number;
  /** Batches of values to send, in any order; the manifest follows when all are there. */
  readonly batches: readonly (readonly PlannedValue[])[];
  /** The manifest, or null when KV has this very one. */
  readonly manifest: PlannedValue | null;
  /** Keys that will be written, manifest included. */
  readonly writes: number;
  readonly bytes: number;
  /** Values read back after writing. */
  readonly reads: number;
  /** Pages of listings, before and after writing. */
  readonly lists: number;
  /** HTTP requests, when none has to be repeated. */
  readonly requests: number;
}

/** What is known of KV before a push. */
export interface Found {
  /** Checksum by full key, as a listing tells. */
  readonly present: ReadonlyMap<string, string | null>;
  /** Keys whose values were found to be wrong, whatever the listing says. */
  readonly wrong?: ReadonlySet<string>;
}

/** JSON and base64 around a batch: a value of n bytes travels as about 4n/3 and its key. */
const OVERHEAD_PER_VALUE = 300;
/** A batch's values before base64: a request that fails costs no more than this again. */
const BATCH_BYTES = Math.min(16_000_000, KV_BULK_BYTES / 2);
const LISTED_PER_PAGE = 1_000;
/** Values read back by the pushing machine; the cron Worker reads all of them inside KV. */
const READ_BACK = 16;

/**
 * Plans a push: which of the release's values are missing, and in which batches they go.
 *
 * The manifest is written after all of them, so that a release whose manifest can be read is whole.
 *
 * @param manifest as parsed, with the checksum and size of its own bytes.
 */
export function planPush(
  manifest: Manifest,
  own: { bytes: number; sha256: string },
  { present, wrong = new Set() }: Found,
): PushPlan {
  const isMissing = (value: PlannedValue) =>
    wrong.has(value.key) || present.get(value.key) !== value.sha256;
  const values = plannedValues(manifest);
  const missing = values.filter(isMissing);
  const ownValue = { key: manifestKey(manifest.release), ...own };
  const manifestToo = missing.length > 0 || isMissing(ownValue) ? ownValue : null;
  const batches = inBatches(missing);
  const reads = Math.min(READ_BACK, values.length);
  const lists = 2 * Math.ceil((values.length + 1) / LISTED_PER_PAGE);
  return {
    release: manifest.release,
    present: values.length - missing.length,
    batches,
    manifest: manifestToo,
    writes: missing.length + (manifestToo === null ? 0 : 1),
    bytes: missing.reduce((sum, value) => sum + value.bytes, manifestToo?.bytes ?? 0),
    reads,
    lists,
    requests: batches.length + (manifestToo === null ? 0 : 1) + reads + lists,
  };
}

/** Every value of a release but its manifest, under its full key. */
export function plannedValues(manifest: Manifest): PlannedValue[] {
  const prefix = releasePrefix(manifest.release);
  return manifest.values.map((value) => ({ ...value, key: prefix + value.key }));
}

/** The values that are read back: evenly spread over the release, first and last among them. */
export function readBackSample(manifest: Manifest): PlannedValue[] {
  const values = plannedValues(manifest);
  const count = Math.min(READ_BACK, values.length);
  const step = count > 1 ? (values.length - 1) / (count - 1) : 0;
  return Array.from({ length: count }, (_, index) => values[Math.round(index * step)]!);
}

/** What a plan costs. */
export interface PushCost {
  /** US dollars on the paid plan once the month's included operations are used up. */
  readonly dollars: number;
  /** Share of a day of the free plan that it takes, by its scarcest meter: 1 is all of it. */
  readonly freeDay: number;
}

/** Dollars and share of the free plan's day for a plan's writes, reads and listings. */
export function costOfPush({
  writes,
  reads,
  lists,
}: Pick<PushPlan, "writes" | "reads" | "lists">): PushCost {
  return {
    dollars:
      marginalCharge(PAID.kvWrites, writes) +
      marginalCharge(PAID.kvReads, reads) +
      marginalCharge(PAID.kvLists, lists),
    freeDay: Math.max(
      writes / FREE_DAY.kvWrites,
      reads / FREE_DAY.kvReads,
      lists / FREE_DAY.kvLists,
    ),
  };
}

/** Values in bulk writes that KV takes, in their order; a value alone may be larger than a batch. */
export function inBatches(values: readonly PlannedValue[]): PlannedValue[][] {
  const batches: PlannedValue[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const value of values) {
    const current = batches.at(-1);
    const grown = size + value.bytes + OVERHEAD_PER_VALUE;
    if (current === undefined || grown > BATCH_BYTES || current.length >= KV_BULK_PAIRS) {
      batches.push([value]);
      size = value.bytes + OVERHEAD_PER_VALUE;
    } else {
      current.push(value);
      size = grown;
    }
  }
  return batches;
}
