/** What a month costs: shards of many users beside one key per user, by the prices in prices.ts. */

import { chargeFor, FREE_DAY, PAID } from "../../release/prices.ts";
import { profileShardCountFor } from "../../release/profiles.ts";
import { shardCountFor } from "../../release/shard.ts";

/** What the table takes for granted. */
export const ASSUMED = {
  releasesAMonth: 30,
  /** Recommendations that a user asks for in a month. */
  requestsPerUser: 10,
  interactionsPerUser: 50,
  /** Milliseconds of CPU of a request: above what `npm run bench -- edge` measures. */
  cpuMilliseconds: 1,
  /** Bytes of a user in the shards: 76 of the list, the rest of the profile. */
  packedBytesPerUser: 76 + 170,
  /** Releases in KV at a time (RELEASES_KEPT of the cron Worker). */
  releasesKept: 5,
  /** One key per user: 20 ids as text, and the key; written under each release and left to expire. */
  keyBytesPerUser: 200,
  keyCopies: 2,
} as const;

/** Manifest, catalogue, model; and the pointer, `staged` with its deletion. */
const KEYS_BESIDE_SHARDS = 3;
const WRITES_OF_A_FLIP = 2;

/** A month of one way to keep lists, in dollars. */
export interface Month {
  readonly writesPerRelease: number;
  readonly writes: number;
  readonly deletes: number;
  readonly reads: number;
  readonly storage: number;
  readonly requests: number;
  readonly total: number;
}

/** Keys that a release of so many users writes into Workers KV. */
export function packedKeys(users: number): number {
  const profiles = profileShardCountFor(users, users * ASSUMED.interactionsPerUser);
  return shardCountFor(users) + profiles + KEYS_BESIDE_SHARDS;
}

/** A month of Usher: many users a value, old releases deleted. */
export function packedMonth(users: number): Month {
  const keys = packedKeys(users);
  return month(users, {
    writesPerRelease: keys + WRITES_OF_A_FLIP,
    deletesPerRelease: keys + 1,
    storedBytes: users * ASSUMED.packedBytesPerUser * ASSUMED.releasesKept,
  });
}

/** A month of one key per user: all written anew each time, the old ones expire by themselves. */
export function keyPerUserMonth(users: number): Month {
  return month(users, {
    writesPerRelease: users + KEYS_BESIDE_SHARDS,
    deletesPerRelease: 0,
    storedBytes: users * ASSUMED.keyBytesPerUser * ASSUMED.keyCopies,
  });
}

function month(
  users: number,
  way: { writesPerRelease: number; deletesPerRelease: number; storedBytes: number },
): Month {
  const { releasesAMonth, requestsPerUser, cpuMilliseconds } = ASSUMED;
  const asked = users * requestsPerUser;
  const charges = {
    writes: chargeFor(PAID.kvWrites, way.writesPerRelease * releasesAMonth),
    deletes: chargeFor(PAID.kvDeletes, way.deletesPerRelease * releasesAMonth),
    // Every request reads KV once: what isolates and caches remember only makes it cheaper.
    reads: chargeFor(PAID.kvReads, asked),
    storage: chargeFor(PAID.kvStoredBytes, way.storedBytes),
    requests:
      chargeFor(PAID.requests, asked) + chargeFor(PAID.cpuMilliseconds, asked * cpuMilliseconds),
  };
  const total = Object.values(charges).reduce((sum, charge) => sum + charge, PAID.monthly);
  return { writesPerRelease: way.writesPerRelease, ...charges, total };
}

/** Share of the free plan's daily writes that a release takes: 1 is all of them. */
export function freeDayOfWrites(writesPerRelease: number): number {
  return writesPerRelease / FREE_DAY.kvWrites;
}
