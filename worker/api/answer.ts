import type { Context } from "hono";
import { armName, type Exposure } from "../../experiments/assignment.ts";
import { experimentTag, releaseTag } from "../../release/cache-tag.ts";
import type { ApiContext } from "./environment.ts";
import type { Recommendations } from "./recommendations.ts";

/** Seconds that an answer may be reused, and may be served stale while a fresh one is made. */
const MAX_AGE_SECONDS = 60;
const STALE_SECONDS = 600;
/** A degraded answer is kept short, so that the whole one comes back soon. */
const DEGRADED_MAX_AGE_SECONDS = 5;
const CACHE_CONTROL = `public, max-age=${MAX_AGE_SECONDS}, stale-while-revalidate=${STALE_SECONDS}`;

/** What headers say of an answer: what it came from, and how long it may be cached. */
export type Described = Pick<Recommendations, "completed" | "degraded" | "variant"> & {
  readonly release: { readonly id: string };
  /** A source of recommendations; the model for similar items, the catalogue for items as such. */
  readonly source: Recommendations["source"] | "model" | "catalogue";
  /** The experiments that whoever asks is in; none by default. */
  readonly exposures?: readonly Exposure[];
  /** The release that is interleaved with the first, if any. */
  readonly rival?: { readonly id: string } | null;
};

/** Answers with a text, or with 304 when the client holds this very one. */
export function answer(
  c: Context<ApiContext>,
  described: Described,
  contentType: string,
  write: () => string,
): Response {
  const headers = answerHeaders(described, contentType, c.env.TENANT?.name);
  if (isHeld(c.req.header("if-none-match"), headers["etag"]!)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(write(), { headers });
}

/** What headers say of an answer, by name. */
export function answerHeaders(
  described: Described,
  contentType: string,
  tenant: string | undefined,
): Record<string, string> {
  const { release, source, completed, degraded, exposures = [], rival = null } = described;
  const arms = exposures.map((one) => `${one.experiment.id}/${armName(one)}`);
  const shown = [release.id, ...(rival === null ? [] : [rival.id])];
  const tags = shown.map((id) => releaseTag(id, tenant));
  const tried = exposures.map(({ experiment }) => experimentTag(experiment.id, tenant));
  // Two arms may have one list; whoever holds it has not been told the other arm.
  const variant = [described.variant, ...arms, ...(rival === null ? [] : [rival.id])].join("-");
  const headers: Record<string, string> = {
    "content-type": contentType,
    "cache-control":
      degraded === null ? CACHE_CONTROL : `public, max-age=${DEGRADED_MAX_AGE_SECONDS}`,
    "cache-tag": [...tags, ...tried].join(","),
    etag: `"${release.id}-${variant}${degraded === null ? "" : "-degraded"}"`,
    "usher-release": release.id,
    "usher-source": completed === null ? source : `${source}, ${completed}`,
  };
  if (arms.length > 0) headers["usher-experiment"] = arms.join(", ");
  // A header takes ASCII only, and the reason may quote a key.
  if (degraded !== null) headers["usher-degraded"] = encodeURI(degraded.toWellFormed());
  return headers;
}

/** Whether the client already holds this answer (RFC 9110, weak comparison). */
export function isHeld(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
