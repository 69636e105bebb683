import type { Recommendations } from "./recommend.ts";

/** Seconds that an answer may be reused, and may be served stale while a fresh one is made. */
const MAX_AGE_SECONDS = 60;
const STALE_SECONDS = 600;
/** A degraded answer is kept short, so that the whole one comes back soon. */
const DEGRADED_MAX_AGE_SECONDS = 5;

/** Headers of every recommendation: what it came from, and how long it may be cached. */
export function answerHeaders(answer: Recommendations, contentType: string) {
  const headers: Record<string, string> = {
    "content-type": contentType,
    "cache-control":
      answer.degraded === null
        ? `public, max-age=${MAX_AGE_SECONDS}, stale-while-revalidate=${STALE_SECONDS}`
        : `public, max-age=${DEGRADED_MAX_AGE_SECONDS}`,
    "cache-tag": `release-${answer.release.id}`,
    etag: `"${answer.release.id}-${answer.variant}"`,
    "usher-release": answer.release.id,
    "usher-source": answer.source,
  };
  // A header takes ASCII only, and the reason may quote a key.
  if (answer.degraded !== null) headers["usher-degraded"] = encodeURI(answer.degraded);
  return headers;
}

/** Whether the client already holds this answer (RFC 9110, weak comparison). */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
