import * as v from "valibot";

/**
 * What the JSON routes answer, for `/openapi.json` and the client's types. Answers are not checked
 * against these when they are given; a test checks real ones.
 */

const SOURCES = ["list", "fold-in", "trending", "model", "fallback"] as const;

const item = {
  id: v.string(),
  title: v.string(),
  categories: v.array(v.string()),
  year: v.optional(v.number()),
};
const popularity = v.pipe(v.number(), v.description("Interactions with it in the release's data."));
const source = v.pipe(v.picklist(SOURCES), v.description("What ranked the items."));
const release = v.pipe(v.string(), v.description("The release of every item in the answer."));
const degraded = v.pipe(
  v.optional(v.string()),
  v.description("Which layers failed and were gone around."),
);

const reason = v.object({
  id: v.string(),
  title: v.string(),
  contribution: v.pipe(v.number(), v.description("What it added to the score.")),
});
const rankedItem = v.object({
  ...item,
  score: v.number(),
  because: v.pipe(
    v.optional(v.array(reason)),
    v.description("The user's own items that added most; with `rest` they add up to the score."),
  ),
  rest: v.optional(v.number()),
});
const recommendations = v.object({
  requestId: v.pipe(v.string(), v.description("For the `requestId` of events about these items.")),
  userId: v.optional(v.string()),
  release,
  source,
  completed: v.pipe(
    v.optional(v.picklist(SOURCES)),
    v.description("What completed the answer when its source had too few items."),
  ),
  degraded,
  restarted: v.pipe(
    v.optional(v.string()),
    v.description("Why the answer begins again rather than where its cursor points."),
  ),
  experiments: v.pipe(
    v.optional(v.array(v.object({ id: v.string(), arm: v.string() }))),
    v.description("The experiments that this answer is part of, and the user's arm in each."),
  ),
  unknownCategories: v.optional(v.array(v.string())),
  unknownItems: v.optional(v.array(v.string())),
  items: v.array(rankedItem),
  next: v.pipe(v.nullable(v.string()), v.description("`cursor` of the next page.")),
});
const rankedItems = v.object({
  release,
  source,
  degraded,
  itemId: v.optional(v.string()),
  items: v.array(rankedItem),
});
const foundItem = v.object({ ...item, popularity });
const foundItems = v.object({ release, items: v.array(foundItem) });
const oneItem = v.object({ release, ...item, popularity });
const verdict = v.object({
  index: v.pipe(v.number(), v.description("The event's place in the call, from 0.")),
  status: v.picklist(["accepted", "duplicate", "rejected"]),
  eventId: v.optional(v.string()),
  reason: v.pipe(v.optional(v.string()), v.description("Why it was rejected.")),
});
const receivedEvents = v.object({
  requestId: v.pipe(v.optional(v.string()), v.description("Names the call in the logs.")),
  accepted: v.number(),
  duplicates: v.number(),
  rejected: v.number(),
  verdicts: v.array(verdict),
  cursor: v.pipe(
    v.nullable(v.string()),
    v.description("`after` of the users' next requests; null where that cannot be promised."),
  ),
});
const problem = v.object({
  type: v.string(),
  title: v.pipe(v.string(), v.description("A stable code, such as BAD_PARAMETER.")),
  status: v.number(),
  detail: v.pipe(v.string(), v.description("What is wrong and what to do.")),
});

/** By the name that `/openapi.json` and the client give them; those used by others first. */
export const ANSWERS = {
  Reason: reason,
  RankedItem: rankedItem,
  FoundItem: foundItem,
  Verdict: verdict,
  Recommendations: recommendations,
  RankedItems: rankedItems,
  FoundItems: foundItems,
  OneItem: oneItem,
  ReceivedEvents: receivedEvents,
  Problem: problem,
} as const;
