/** The table of users that begins every sharded value: their 64-bit hashes, ascending. */
import { UsherError } from "./error.ts";
import type { IdHash } from "./hash.ts";

/** Sorts entries by hash and lays the hashes out as (hi, lo) pairs; `entries` is sorted in place. */
export function sortByHash<Entry extends { readonly hash: IdHash }>(
  entries: Entry[],
): Uint32Array<ArrayBuffer> {
  entries.sort((a, b) => a.hash.hi - b.hash.hi || a.hash.lo - b.hash.lo);
  const hashes = new Uint32Array(entries.length * 2);
  entries.forEach(({ hash: { hi, lo } }, row) => {
    if (row > 0 && hashes[row * 2 - 2] === hi && hashes[row * 2 - 1] === lo) {
      throw new UsherError("HASH_COLLISION", "Two users share a hash; choose another hash seed.");
    }
    hashes[row * 2] = hi;
    hashes[row * 2 + 1] = lo;
  });
  return hashes;
}

/** The row of a user, or -1; a binary search over ascending (hi, lo) pairs. */
export function findByHash(hashes: Uint32Array, hash: IdHash): number {
  const { hi, lo } = hash;
  let low = 0;
  let high = hashes.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const middleHi = hashes[middle * 2]!;
    const middleLo = hashes[middle * 2 + 1]!;
    if (middleHi === hi && middleLo === lo) return middle;
    if (middleHi < hi || (middleHi === hi && middleLo < lo)) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
