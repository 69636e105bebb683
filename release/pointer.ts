/** The mutable keys of Workers KV: who is served what, what waits, and what is trending. */
import * as v from "valibot";
import { UsherError } from "./error.ts";
import { hashId } from "./hash.ts";
import { armParameters, runningExperiment } from "./running-experiment.ts";

const PointerSchema = v.object({
  /** Releases that serve, with their shares (any positive numbers). */
  arms: v.pipe(
    v.array(v.object({ release: v.string(), weight: v.pipe(v.number(), v.gtValue(0)) })),
    v.minLength(1),
  ),
  /** Makes the assignment of users to arms independent of every other. */
  salt: v.string(),
  /** What served before, for a rollback. */
  previous: v.nullable(v.string()),
  /** Grows by one with every change. */
  generation: v.pipe(v.number(), v.integer()),
  /** When other arms began to serve. */
  changedAt: v.string(),
  /** What serves beside the releases, where no experiment says otherwise. */
  parameters: v.optional(armParameters),
  /** What is being tried; who is in none of them is served by the arms above. */
  experiments: v.optional(v.array(runningExperiment)),
});

const StagedSchema = v.object({
  release: v.string(),
  stagedAt: v.string(),
  /** Values of the release that have been verified so far. */
  verified: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Share of the users it is to serve, above 0; all of them by default. */
  share: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 1),
});

const RefusedSchema = v.object({
  release: v.string(),
  refusedAt: v.string(),
  reason: v.string(),
  /** Full keys whose values in KV are missing or wrong, for the next push to send again. */
  keys: v.optional(v.array(v.string()), []),
});

const TrendingSchema = v.object({
  computedAt: v.string(),
  windowHours: v.number(),
  /** Best first; scores are sums of decayed events. */
  items: v.array(v.object({ itemId: v.string(), score: v.number() })),
});

export type Pointer = v.InferOutput<typeof PointerSchema>;
export type Staged = v.InferOutput<typeof StagedSchema>;
export type Refused = v.InferOutput<typeof RefusedSchema>;
export type Trending = v.InferOutput<typeof TrendingSchema>;

/** @throws UsherError `POINTER_INVALID`. */
export function parsePointer(text: string): Pointer {
  return parse(PointerSchema, "pointer", text);
}

/** @throws UsherError `STAGED_INVALID`. */
export function parseStaged(text: string): Staged {
  return parse(StagedSchema, "staged", text);
}

/** @throws UsherError `REFUSED_INVALID`. */
export function parseRefused(text: string): Refused {
  return parse(RefusedSchema, "refused", text);
}

/** @throws UsherError `TRENDING_INVALID`. */
export function parseTrending(text: string): Trending {
  return parse(TrendingSchema, "trending", text);
}

/**
 * The release that serves a user outside experiments: sticky without any state, by a hash of the user and the salt.
 *
 * A user moves between arms only when weights or salt change.
 */
export function armOf(pointer: Pointer, userId: string): string {
  const { arms, salt } = pointer;
  if (arms.length === 1) return arms[0]!.release;
  let total = 0;
  for (const arm of arms) total += arm.weight;
  let point = (hashId(`${salt}\n${userId}`, 0).hi / 2 ** 32) * total;
  for (const arm of arms) {
    point -= arm.weight;
    if (point < 0) return arm.release;
  }
  return arms[arms.length - 1]!.release;
}

/** The releases that serve and the one before them: each was verified in KV before it served. */
export function servingReleases({ arms, previous }: Pointer): string[] {
  const serving = arms.map(({ release }) => release);
  return previous === null ? serving : [...serving, previous];
}

/** The share of the users that each arm serves, in the pointer's order. */
export function armShares({ arms }: Pointer): { release: string; share: number }[] {
  const total = arms.reduce((sum, arm) => sum + arm.weight, 0);
  return arms.map(({ release, weight }) => ({ release, share: weight / total }));
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  key: string,
  text: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, parseJson(text));
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new UsherError(
    `${key.toUpperCase()}_INVALID`,
    `The key "${key}" in KV holds something else: ${v.getDotPath(issue) ?? "value"}: ${issue.message}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
