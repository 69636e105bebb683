import { manifestKey, POINTER_KEY, STAGED_KEY } from "../../release/keys.ts";
import { type Manifest, parseManifest } from "../../release/manifest.ts";
import { type Pointer, parsePointer, parseStaged, type Staged } from "../../release/pointer.ts";

/** What one look at the staged release came to. */
export type ActivationOutcome =
  | { kind: "idle" }
  | { kind: "verifying"; release: string; verified: number; of: number }
  | { kind: "activated"; release: string; previous: string | null }
  | { kind: "refused"; release: string; reason: string };

/** KV reads under way at once: a Worker has six connections. */
const PARALLEL_READS = 6;

/**
 * Verifies a staged release inside KV and, once every value matched, flips the pointer to it.
 *
 * Every value is read back and its SHA-256 compared with the manifest. A run checks at most
 * `valuesPerRun` values, because an invocation may do a thousand KV reads (fifty on the free plan),
 * and notes how far it came: the next run goes on. A release that fails is un-staged and named with
 * its reason; what served before goes on serving.
 */
export async function activateStaged(
  kv: KVNamespace,
  now: Date,
  valuesPerRun: number,
): Promise<ActivationOutcome> {
  const text = await kv.get(STAGED_KEY, "text");
  if (text === null) return { kind: "idle" };
  const staged = parseStaged(text);
  const manifestText = await kv.get(manifestKey(staged.release), "text");
  if (manifestText === null) return refuse(kv, staged, "its manifest is not in KV");
  const manifest = parseManifest(manifestText);
  const upTo = Math.min(staged.verified + valuesPerRun, manifest.values.length);
  const damaged = await firstDamaged(kv, manifest, staged.verified, upTo);
  if (damaged !== null) return refuse(kv, staged, damaged);
  if (upTo < manifest.values.length) {
    await kv.put(STAGED_KEY, JSON.stringify({ ...staged, verified: upTo } satisfies Staged));
    return {
      kind: "verifying",
      release: staged.release,
      verified: upTo,
      of: manifest.values.length,
    };
  }
  const previous = await flipPointer(kv, staged.release, now);
  await kv.delete(STAGED_KEY);
  return { kind: "activated", release: staged.release, previous };
}

async function refuse(kv: KVNamespace, staged: Staged, reason: string): Promise<ActivationOutcome> {
  await kv.delete(STAGED_KEY);
  return { kind: "refused", release: staged.release, reason };
}

/** Reads values `from`..`to` back and says what is wrong with the first bad one, or null. */
async function firstDamaged(
  kv: KVNamespace,
  manifest: Manifest,
  from: number,
  to: number,
): Promise<string | null> {
  const prefix = manifestKey(manifest.release).replace(/manifest$/, "");
  let next = from;
  let problem: string | null = null;
  const reader = async () => {
    while (next < to && problem === null) {
      const value = manifest.values[next++]!;
      const bytes = await kv.get(prefix + value.key, "arrayBuffer");
      if (bytes === null) problem ??= `${prefix}${value.key} is not in KV`;
      else if ((await sha256(bytes)) !== value.sha256) {
        problem ??= `${prefix}${value.key} does not match its checksum`;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_READS }, reader));
  return problem;
}

async function flipPointer(kv: KVNamespace, release: string, now: Date): Promise<string | null> {
  const text = await kv.get(POINTER_KEY, "text");
  const current: Pointer | null = text === null ? null : parsePointer(text);
  const previous = current?.arms[0]?.release ?? null;
  if (previous === release) return current?.previous ?? null;
  const pointer: Pointer = {
    arms: [{ release, weight: 1 }],
    salt: current?.salt ?? crypto.randomUUID(),
    previous,
    generation: (current?.generation ?? 0) + 1,
    changedAt: now.toISOString(),
  };
  await kv.put(POINTER_KEY, JSON.stringify(pointer));
  return previous;
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
