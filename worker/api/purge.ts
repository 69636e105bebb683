import * as v from "valibot";
import { releaseTag } from "../../release/cache-tag.ts";

/**
 * Where the cron Worker asks for a purge. No public request has this name: Cloudflare hands a Worker
 * only requests for its own routes, a service binding hands it any URL.
 */
const PURGE_URL = "https://usher.internal/purge";

const NO_CACHE = "no Workers Cache here";

const BodySchema = v.object({
  tags: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.minLength(1), v.maxLength(30)),
});

/**
 * Purges cached answers by tag when the cron Worker asks for it; null for every other request.
 *
 * It has to happen here: Workers Cache belongs to the Worker and entrypoint that filled it.
 * `204` when it is done, `501` where there is no Workers Cache, `502` when the purge failed.
 */
export function answerPurge(
  request: Request,
  { cache }: Pick<ExecutionContext, "cache">,
): Promise<Response> | null {
  if (request.url !== PURGE_URL || request.method !== "POST") return null;
  return purge(request, cache);
}

async function purge(request: Request, cache: CacheContext | undefined): Promise<Response> {
  const body = v.safeParse(BodySchema, await request.json().catch(() => null));
  if (!body.success) return new Response("tags: 1 to 30 of them", { status: 400 });
  if (cache === undefined) return new Response(NO_CACHE, { status: 501 });
  const { success, errors } = await cache.purge({ tags: body.output.tags });
  if (success) return new Response(null, { status: 204 });
  return new Response(errors.map((error) => error.message).join("; "), { status: 502 });
}

/** What is known of a request's surroundings; Hono's context and the platform's both fit. */
interface PurgeContext {
  readonly props?: unknown;
  readonly cache?: CacheContext;
}

/** Purges what is cached of releases, in one call, and gives what came of it in words. */
export function purgeReleases(
  context: PurgeContext,
  releases: readonly string[],
  tenant?: string,
): Promise<string> {
  return purgeTags(
    context,
    releases.map((release) => releaseTag(release, tenant)),
  );
}

/**
 * Purges every answer that carries one of the tags, in one call, and gives what came of it in words:
 * a purge that fails is told, not thrown, because answers expire: a minute after they were made a new
 * one is fetched, and one of up to 11 minutes may be shown a last time meanwhile.
 */
export async function purgeTags({ cache }: PurgeContext, tags: readonly string[]): Promise<string> {
  if (cache === undefined) return NO_CACHE;
  try {
    const { success, errors } = await cache.purge({ tags: [...tags] });
    return success ? "purged" : `failed: ${errors.map((error) => error.message).join("; ")}`;
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
