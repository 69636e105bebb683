/** Whether a release does so much worse than the one before it that it must go. */
import type { ReleaseTraffic } from "../../drizzle/traffic.ts";

/** A guardrail: a count in proportion to the answers, and how much worse it may get. */
interface Guardrail {
  readonly name: string;
  readonly of: (traffic: ReleaseTraffic) => number;
  /** `more` is worse (errors), or `less` is (clicks). */
  readonly worse: "more" | "less";
  /** Trips beyond this many times the share before … */
  readonly factor: number;
  /** … and only when the shares differ by this much at least. */
  readonly atLeast: number;
  /** Not judged before the release has served for so long. */
  readonly afterMs: number;
}

/**
 * Until then locations read a new release's shards for the first time, and some of those reads miss
 * their deadlines.
 */
const WARM_MS = 10 * 60_000;
/**
 * A change of release empties the caches: for some minutes there are more answers than people, and
 * each of them is clicked less.
 */
const CACHES_FULL_MS = 3_600_000;

const GUARDRAILS: readonly Guardrail[] = [
  { name: "errors", of: (t) => t.errors, worse: "more", factor: 2, atLeast: 0.01, afterMs: 0 },
  {
    name: "fallbacks",
    of: (t) => t.fallbacks,
    worse: "more",
    factor: 1.25,
    atLeast: 0.05,
    afterMs: WARM_MS,
  },
  {
    name: "clicks",
    of: (t) => t.clicks,
    worse: "less",
    factor: 0.8,
    atLeast: 0.005,
    afterMs: CACHES_FULL_MS,
  },
  {
    name: "ratings",
    of: (t) => t.ratings,
    worse: "less",
    factor: 0.8,
    atLeast: 0.002,
    afterMs: CACHES_FULL_MS,
  },
];

/** Answers that each side needs before it is judged. */
const ENOUGH_ANSWERS = 1_000;
/**
 * Standard errors between the two (of Poisson counts: people may click an answer more than once, and
 * on answers that caches gave): one look in 30,000 is wrong by chance, because a release is looked at
 * every five minutes of its first day.
 */
const SURE = 4;

export type GuardrailVerdict =
  | { readonly kind: "good" }
  | { readonly kind: "too-early"; readonly answers: number }
  | { readonly kind: "tripped"; readonly guardrail: string; readonly reason: string };

/**
 * Judges the traffic of a release against that of the release before it.
 *
 * @param servedMs how long it has served, in milliseconds.
 */
export function judge(
  now: ReleaseTraffic,
  before: ReleaseTraffic,
  servedMs: number,
): GuardrailVerdict {
  const fewest = Math.min(now.answers, before.answers);
  if (fewest < ENOUGH_ANSWERS) return { kind: "too-early", answers: fewest };
  for (const guardrail of GUARDRAILS) {
    if (servedMs < guardrail.afterMs) continue;
    const reason = tripped(guardrail, now, before);
    if (reason !== null) return { kind: "tripped", guardrail: guardrail.name, reason };
  }
  return { kind: "good" };
}

function tripped(guardrail: Guardrail, now: ReleaseTraffic, before: ReleaseTraffic): string | null {
  const { name, of, worse, factor, atLeast } = guardrail;
  const share = of(now) / now.answers;
  const shareBefore = of(before) / before.answers;
  const difference = worse === "more" ? share - shareBefore : shareBefore - share;
  const beyond = worse === "more" ? share > factor * shareBefore : share < factor * shareBefore;
  if (!beyond || difference < atLeast) return null;
  const pooled = (of(now) + of(before)) / (now.answers + before.answers);
  const error = Math.sqrt(pooled * (1 / now.answers + 1 / before.answers));
  if (difference < SURE * error) return null;
  return `${name} went from ${percent(shareBefore)} of ${before.release}'s answers to ${percent(share)} of ${now.release}'s`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
