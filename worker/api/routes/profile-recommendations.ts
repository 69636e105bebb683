import type { Context } from "hono";
import * as v from "valibot";
import { askedBy } from "../asked.ts";
import { readJson } from "../body.ts";
import type { ApiContext } from "../environment.ts";
import { recommendationsAsJson } from "../items-json.ts";
import { recommendForProfile } from "../recommend.ts";
import { checked, wishEntries } from "../wish.ts";

const MOST_BYTES = 200_000;
const MOST_RATINGS = 1_000;
const MOST_NAMED = 20;

/** Body of `POST /v1/recommendations`. */
export const profileSchema = v.strictObject({
  ratings: v.pipe(
    v.array(
      v.strictObject({
        itemId: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
        value: v.pipe(
          v.nullish(v.pipe(v.number(), v.minValue(0.5), v.maxValue(5)), null),
          v.description("0.5 to 5; left out for something watched or liked without a rating."),
        ),
      }),
    ),
    v.maxLength(MOST_RATINGS),
  ),
  ...wishEntries,
  explain: v.pipe(v.optional(v.boolean(), true), v.description("Whether items say why.")),
});

/** `POST /v1/recommendations`: a profile folded in on the spot; nothing is stored. */
export async function profileRecommendations(c: Context<ApiContext>) {
  const body = checked(profileSchema, await readJson(c.req.raw, MOST_BYTES));
  const { ratings, ...wish } = body;
  const { answer, unknownItems } = await recommendForProfile(askedBy(c), ratings, wish);
  const json = {
    requestId: c.var.requestId,
    ...recommendationsAsJson(answer),
    ...(unknownItems.length === 0 ? {} : { unknownItems: unknownItems.slice(0, MOST_NAMED) }),
  };
  return c.json(json, 200, {
    "cache-control": "no-store",
    "usher-release": answer.release.id,
    "usher-source": answer.source,
    ...(answer.degraded === null
      ? {}
      : { "usher-degraded": encodeURI(answer.degraded.toWellFormed()) }),
  });
}
