/** The checksums of a large release's shards, in a value of their own. FORMAT.md, "Checksums". */
import { UsherError } from "./error.ts";
import type { Manifest, ValueRecord } from "./manifest.ts";
import { sha256Hex } from "./sha256.ts";

/** The key, below the release's prefix. */
export const CHECKSUMS_KEY = "checksums";
/**
 * From so many values on their checksums leave the manifest, which every isolate parses: 2,000 of
 * them are 230 KB of JSON, 35,000 (a hundred million users) over 4 MB.
 */
const MOST_IN_MANIFEST = 2_000;
const LINE = /^([lp]\/\d+) (\d+) ([0-9a-f]{64})$/;

/** Whether a value's checksum may lie outside the manifest: that of a shard, which nobody parses. */
export function isListedApart({ key }: ValueRecord): boolean {
  return key.startsWith("l/") || key.startsWith("p/");
}

/** What the manifest of a large release leaves to the value `checksums`. */
export interface ListedApart {
  /** Values that the manifest goes on naming; the value `checksums` itself comes after them. */
  readonly named: ValueRecord[];
  readonly listed: { readonly values: number; readonly bytes: number };
  readonly list: Uint8Array<ArrayBuffer>;
}

/** Takes the shards out of the values of a large release; null where the manifest names them all. */
export function listApart(values: readonly ValueRecord[]): ListedApart | null {
  if (values.length <= MOST_IN_MANIFEST) return null;
  const apart = values.filter(isListedApart);
  const bytes = apart.reduce((sum, value) => sum + value.bytes, 0);
  return {
    named: values.filter((value) => !isListedApart(value)),
    listed: { values: apart.length, bytes },
    list: writeChecksums(apart),
  };
}

/** The value `checksums`: a line `key bytes sha256` for each value, in the given order. */
export function writeChecksums(values: readonly ValueRecord[]): Uint8Array<ArrayBuffer> {
  const lines = values.map(({ key, bytes, sha256 }) => `${key} ${bytes} ${sha256}\n`);
  return new Uint8Array(new TextEncoder().encode(lines.join("")));
}

/** @throws UsherError `CHECKSUMS_INVALID` naming the line that is none. */
export function parseChecksums(text: string): ValueRecord[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw invalid(`line ${lines.length + 1} does not end`);
  return lines.map((line, at) => {
    const parts = LINE.exec(line);
    if (parts === null) throw invalid(`line ${at + 1} is "${line.slice(0, 100)}"`);
    return { key: parts[1]!, bytes: Number(parts[2]), sha256: parts[3]! };
  });
}

/**
 * The manifest with every value of the release in `values`: read from `checksums` where they lie
 * there, else as it is.
 *
 * @param read gives a value's bytes by its key below the release's prefix, null when it is not there.
 * @throws UsherError `CHECKSUMS_MISSING`, or `CHECKSUMS_INVALID` when it is not what the manifest
 *   says.
 */
export async function withEveryValue(
  manifest: Manifest,
  read: (key: string) => Promise<ArrayBuffer | Uint8Array<ArrayBuffer> | null>,
): Promise<Manifest> {
  if (manifest.format === 1) return manifest;
  const bytes = await read(CHECKSUMS_KEY);
  if (bytes === null) {
    const message = `Release ${manifest.release} has no value "${CHECKSUMS_KEY}". Push it again.`;
    throw new UsherError("CHECKSUMS_MISSING", message);
  }
  const own = manifest.values.find(({ key }) => key === CHECKSUMS_KEY);
  if (own?.sha256 !== (await sha256Hex(bytes))) {
    throw invalid(`the SHA-256 is not that of the manifest of ${manifest.release}`);
  }
  const listed = parseChecksums(new TextDecoder().decode(bytes));
  return { ...manifest, values: [...manifest.values, ...listed] };
}

function invalid(what: string): UsherError {
  return new UsherError(
    "CHECKSUMS_INVALID",
    `This is no list of checksums: ${what}. Push the release again: what is wrong is sent again.`,
  );
}
