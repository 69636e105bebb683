import type { DatasetFacts } from "../../drizzle/dataset-facts.ts";
import { driftBetween } from "./drift.ts";
import { QUALITY_THRESHOLDS, type QualityThresholds } from "./quality-thresholds.ts";

/** One check of a dataset. */
export interface QualityCheck {
  readonly gate: string;
  readonly passed: boolean;
  /** What was found and what is allowed, as a sentence. */
  readonly finding: string;
}

/** The checks of a dataset, all of them, whether passed or not. */
export interface QualityReport {
  readonly passed: boolean;
  readonly checks: readonly QualityCheck[];
}

/**
 * Checks a dataset before anything is trained on it.
 *
 * @param before facts of the dataset before; null for the first, which has nothing to be compared with.
 * @param now epoch milliseconds.
 */
export function checkQuality(
  facts: DatasetFacts,
  before: DatasetFacts | null,
  now: number,
  limits: QualityThresholds = QUALITY_THRESHOLDS,
): QualityReport {
  const checks: QualityCheck[] = [
    atLeast("volume", "events", facts.events, limits.leastEvents),
    atMost(
      "duplicates",
      "repeated events",
      share(facts.repeated, facts.events),
      limits.mostRepeatedShare,
    ),
    atMost(
      "one user",
      "the newest tenth is of one user",
      share(facts.recent.busiestUser, facts.recent.events),
      // Among a handful of events any user has a large share.
      facts.recent.events < 100 ? 1 : limits.mostOfOneUser,
    ),
    atMost(
      "new items",
      "the newest tenth is about new items",
      share(facts.recent.newItems, facts.recent.events),
      limits.mostNewItemShare,
    ),
  ];
  if (limits.mostOfOneSource !== null) {
    const largest = Math.max(0, ...facts.sources.map(({ events }) => events));
    checks.push(
      atMost(
        "one source",
        "events of one source",
        share(largest, facts.events),
        limits.mostOfOneSource,
      ),
    );
  }
  if (limits.mostDaysOld !== null) {
    const days = (now - facts.newestAt) / 86_400_000;
    checks.push(atMost("freshness", "days since the newest event", days, limits.mostDaysOld));
  }
  if (before !== null) {
    const drift = driftBetween(before, facts);
    checks.push(
      atLeast(
        "volume kept",
        "events over those before",
        drift.eventsRatio,
        limits.leastVolumeRatio,
      ),
      atMost("ratings", "stability index of the ratings", drift.ratingPsi, limits.mostRatingPsi),
    );
  }
  return { passed: checks.every(({ passed }) => passed), checks };
}

/** The report as lines for a person: what failed first. */
export function qualityLines({ checks }: QualityReport): string[] {
  const inOrder = [...checks].sort((a, b) => Number(a.passed) - Number(b.passed));
  return inOrder.map(
    ({ gate, passed, finding }) => `${passed ? "passed" : "FAILED"}  ${gate}: ${finding}`,
  );
}

function atLeast(gate: string, what: string, value: number, least: number): QualityCheck {
  const finding = `${what} ${shown(value)}, at least ${shown(least)} wanted`;
  return { gate, passed: value >= least, finding };
}

function atMost(gate: string, what: string, value: number, most: number): QualityCheck {
  const finding = `${what} ${shown(value)}, at most ${shown(most)} allowed`;
  return { gate, passed: value <= most, finding };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function shown(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(3);
}
