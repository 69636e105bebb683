/** The names of everything in Workers KV. */

/** JSON: which release serves whom. */
export const POINTER_KEY = "pointer";
/** JSON: the release that waits for the cron Worker. */
export const STAGED_KEY = "staged";
/** JSON: the release that waits for its lists to be made at the edge. */
export const UNLISTED_KEY = "unlisted";
/** JSON: the last release that the cron Worker refused or took back, and why. */
export const REFUSED_KEY = "refused";
/** JSON: what is rated and watched of late. */
export const TRENDING_KEY = "trending";

/** JSON: the tenants of the deployment, each with keys of its own below `t/<tenant>/`. */
export const TENANTS_KEY = "tenants";

/** JSON: the tenants that have used up a quota of a day. */
export const OVER_QUOTA_KEY = "over-quota";

/** What every key of a release starts with. */
export function releasePrefix(release: string): string {
  return `r/${release}/`;
}

export function manifestKey(release: string): string {
  return `${releasePrefix(release)}manifest`;
}

export function catalogueKey(release: string): string {
  return `${releasePrefix(release)}catalogue`;
}

/** A model larger than one KV value comes in parts, numbered from 0. */
export function modelKey(release: string, part: number): string {
  return `${releasePrefix(release)}model/${part}`;
}

export function shardKey(release: string, shard: number): string {
  return `${releasePrefix(release)}l/${shard}`;
}

export function profileShardKey(release: string, shard: number): string {
  return `${releasePrefix(release)}p/${shard}`;
}

/** JSON: the tombstones of erased users whom a release may still hold. */
export const TOMBSTONES_KEY = "tombstones";

/** Queue messages that wait for the database to come back. */
export const DEAD_LETTER_PREFIX = "dead/";

export function deadLetterKey(messageId: string): string {
  return `${DEAD_LETTER_PREFIX}${messageId}`;
}
