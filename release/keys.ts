/** The names of everything in Workers KV. */

/** JSON: which release serves whom. */
export const POINTER_KEY = "pointer";
/** JSON: the release that waits for the cron Worker. */
export const STAGED_KEY = "staged";
/** JSON: what is rated and watched of late. */
export const TRENDING_KEY = "trending";

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
