import { releasePrefix } from "../../release/keys.ts";
import { WORKER_CONNECTIONS, WORKER_MEMORY_BYTES } from "../../release/limits.ts";
import type { Manifest } from "../../release/manifest.ts";
import { sha256Hex } from "../../release/sha256.ts";
import type { CronStore } from "./store.ts";

/** A value that is not what its manifest says. */
export interface WrongValue {
  /** Full key in KV. */
  readonly key: string;
  readonly problem: "is not in KV" | "does not match its checksum";
}

/** How much one run may read. */
export interface ReadBudget {
  readonly values: number;
  readonly bytes: number;
}

/** Bytes under way at once: half of the Worker's memory, the other half for everything else. */
const BYTES_AT_ONCE = WORKER_MEMORY_BYTES / 2;

/** Where a run that starts at value `from` has to stop: at least one value further. */
export function endOfRun(manifest: Manifest, from: number, budget: ReadBudget): number {
  let bytes = 0;
  let at = from;
  while (at < manifest.values.length && at - from < budget.values) {
    bytes += manifest.values[at]!.bytes;
    if (bytes > budget.bytes && at > from) break;
    at++;
  }
  return at;
}

/**
 * Reads values `from` … `to - 1` back and names those that are missing or differ by their SHA-256.
 *
 * One read a value: a bulk read gives text or JSON only, and these are bytes.
 */
export async function wrongValues(
  store: CronStore,
  manifest: Manifest,
  from: number,
  to: number,
): Promise<WrongValue[]> {
  const prefix = releasePrefix(manifest.release);
  const wrong: WrongValue[] = [];
  let next = from;
  const reader = async () => {
    while (next < to) {
      const { key, sha256 } = manifest.values[next++]!;
      const bytes = await store.bytes(prefix + key);
      if (bytes === null) wrong.push({ key: prefix + key, problem: "is not in KV" });
      else if ((await sha256Hex(bytes)) !== sha256) {
        wrong.push({ key: prefix + key, problem: "does not match its checksum" });
      }
    }
  };
  await Promise.all(Array.from({ length: readersFor(manifest) }, reader));
  return wrong.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** As many as a Worker has connections, fewer when values are so large that memory is the limit. */
function readersFor(manifest: Manifest): number {
  const largest = manifest.values.reduce((most, value) => Math.max(most, value.bytes), 1);
  return Math.max(1, Math.min(WORKER_CONNECTIONS, Math.floor(BYTES_AT_ONCE / largest)));
}
