import type { Context } from "hono";
import * as v from "valibot";
import { readJson } from "../body.ts";
import type { ApiContext } from "../environment.ts";
import { requireScope } from "../keys.ts";
import { purgeReleases } from "../purge.ts";
import { checked } from "../wish.ts";

/** A purge takes up to 30 tags, and a pointer seldom has more than two arms. */
const MOST_RELEASES = 30;
const MOST_BYTES = 4_000;

export const purgeSchema = v.strictObject({
  releases: v.pipe(
    v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
    v.minLength(1),
    v.maxLength(MOST_RELEASES),
  ),
});

/**
 * `POST /v1/releases/purge`: cached answers of releases that serve no more go at once; for whoever
 * changed the pointer without this Worker. A purge that fails is told: answers expire by themselves.
 */
export async function purgeCached(c: Context<ApiContext>) {
  await requireScope(c, "operate");
  const { releases } = checked(purgeSchema, await readJson(c.req.raw, MOST_BYTES));
  const purged = await purgeReleases(c.executionCtx, releases);
  return c.json({ releases, purged }, 200, { "cache-control": "no-store" });
}
