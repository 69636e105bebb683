import { hashId } from "./hash.ts";

/** Seed of tombstones; another one would bring erased users' lists back until the next release. */
const SEED = 0x746f6d62;

/** What the edge knows an erased user by: 64 bits of their id's hash, in hex. */
export function tombstoneOf(userId: string): string {
  const { hi, lo } = hashId(userId, SEED);
  return hi.toString(16).padStart(8, "0") + lo.toString(16).padStart(8, "0");
}
