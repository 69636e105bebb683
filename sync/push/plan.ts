import { manifestKey } from "../../release/keys.ts";
import { KV_BULK_BYTES, KV_BULK_PAIRS } from "../../release/limits.ts";
import type { Manifest } from "../../release/manifest.ts";

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
  /** Batches to send, in order; the manifest is the last value of the last batch's successor. */
  readonly batches: readonly (readonly PlannedValue[])[];
  readonly writes: number;
  readonly bytes: number;
}

/** JSON and base64 around a batch: a value of n bytes travels as about 4n/3 and its key. */
const OVERHEAD_PER_VALUE = 300;
/** Room for a batch's values before base64 (4/3), below the bulk limit. */
const BATCH_BYTES = 16_000_000;

/**
 * Plans a push: which of the release's values are missing, and in which batches they go.
 *
 * The manifest is not among them: it is written after all of them, so that a release whose manifest
 * can be read is whole.
 *
 * @param present checksum by full key, as a listing of KV tells.
 */
export function planPush(
  manifest: Manifest,
  present: ReadonlyMap<string, string | null>,
): PushPlan {
  const prefix = manifestKey(manifest.release).replace(/manifest$/, "");
  const all = manifest.values.map((value) => ({ ...value, key: prefix + value.key }));
  const missing = all.filter((value) => present.get(value.key) !== value.sha256);
  return {
    release: manifest.release,
    present: all.length - missing.length,
    batches: inBatches(missing),
    writes: missing.length + 1,
    bytes: missing.reduce((sum, value) => sum + value.bytes, 0),
  };
}

function inBatches(values: readonly PlannedValue[]): PlannedValue[][] {
  const batches: PlannedValue[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const value of values) {
    const current = batches.at(-1);
    const room = Math.min(BATCH_BYTES, KV_BULK_BYTES / 2);
    const grown = size + value.bytes + OVERHEAD_PER_VALUE;
    if (current === undefined || grown > room || current.length >= KV_BULK_PAIRS) {
      batches.push([value]);
      size = value.bytes + OVERHEAD_PER_VALUE;
    } else {
      current.push(value);
      size = grown;
    }
  }
  return batches;
}
