/**
 * The gate: whether a model is good enough to serve. Pure; it only compares.
 */
import { type DatasetFacts, drift } from "./drift.ts";
import { bootstrapDifference } from "./evaluation/bootstrap.ts";
import type { Metrics } from "./evaluation/summary.ts";
import { COVERAGE_COLLAPSE, LEAST_COVERAGE, LEAST_TEST_USERS } from "./thresholds.ts";

/** A model measured on the test users; without any, its metrics are empty. */
export interface Contender {
  name: string;
  metrics: Metrics;
  /** Metric to one value per test user; the same users in the same order for all contenders. */
  perUser: Record<string, Float64Array>;
}

/** The release that serves now, as its manifest tells. */
export interface PreviousRelease {
  release: string;
  metrics: Metrics;
  dataset?: DatasetFacts;
}

export interface GateInput {
  candidate: Contender;
  baselines: readonly Contender[];
  /** Undefined or null for the first release. */
  previous?: PreviousRelease | null | undefined;
  /** What the candidate learned from, to notice a drift since the release that serves now. */
  dataset?: DatasetFacts;
  /**
   * Share of the catalogue that the measured lists could show at most, 0..1: few test users and a
   * large catalogue cannot cover it. Default 1.
   */
  reachableCoverage?: number;
  /** Lets a refused model pass, and notes it. */
  force?: boolean;
  seed?: number;
}

export interface GateVerdict {
  /** What the figures say, whether forced or not. */
  passed: boolean;
  /** One sentence for each refusal; empty when passed. */
  reasons: string[];
  /** True when refused and let through all the same. */
  forced: boolean;
  /** What a person should know though it refused nothing. */
  notes?: string[];
}

const QUALITY = "ndcg@100";
const COVERAGE = "coverage@20";
/**
 * Refuses a candidate that is worse than the best baseline (paired, beyond the 95 % interval of the
 * difference), worse than the current release beyond the interval, whose coverage has collapsed, or
 * whose data drifted.
 *
 * With too few test users to tell models apart quality is not judged, and the verdict notes it: a young
 * service has few users, and a list that is no worse than trending helps them. A candidate that was not
 * measured at all never takes the place of one that was.
 */
export function gate(input: GateInput): GateVerdict {
  const { name, perUser } = input.candidate;
  const users = perUser[QUALITY]?.length ?? 0;
  const judged = users >= LEAST_TEST_USERS;
  const onQuality = judged
    ? [againstBaselines(input), againstPrevious(input), againstCollapse(input)]
    : [users === 0 ? againstMeasured(input) : undefined];
  const reasons = [...onQuality, ...againstDrift(input)].filter((reason) => reason !== undefined);
  const passed = reasons.length === 0;
  return {
    passed,
    reasons,
    forced: !passed && input.force === true,
    ...(judged ? {} : { notes: [unjudged(name, users)] }),
  };
}

function unjudged(name: string, users: number): string {
  if (users === 0) return `${name} was not measured: too few users.`;
  return (
    `${name} was measured on ${users} users, and quality is judged from ${LEAST_TEST_USERS} on: fewer ` +
    "do not tell models apart."
  );
}

/** A candidate without figures in place of a release that has some. */
function againstMeasured({ candidate, previous }: GateInput): string | undefined {
  const before = previous?.metrics[QUALITY];
  if (before === undefined) return undefined;
  return (
    `${candidate.name} could not be measured, while the current release ${previous!.release} was: ` +
    `${QUALITY} ${figure(before.mean)}.`
  );
}

function againstDrift({ dataset, previous }: GateInput): string[] {
  if (dataset === undefined || previous?.dataset === undefined) return [];
  return drift(dataset, previous.dataset, previous.release);
}

function againstBaselines({ candidate, baselines, seed = 1 }: GateInput): string | undefined {
  const quality = (contender: Contender) => contender.metrics[QUALITY]?.mean ?? 0;
  const best = [...baselines].sort((a, b) => quality(b) - quality(a))[0];
  if (best === undefined) return undefined;
  const own = candidate.perUser[QUALITY];
  const other = best.perUser[QUALITY];
  if (own === undefined || other === undefined) return undefined;
  const { mean, ci95 } = bootstrapDifference(own, other, seed);
  if (!(ci95[1] < 0)) return undefined;
  return (
    `${candidate.name} is worse than the baseline ${best.name}: ${QUALITY} ` +
    `${figure(quality(candidate))} against ${figure(quality(best))}, a difference of ` +
    `${figure(mean)} (95 % interval ${figure(ci95[0])} to ${figure(ci95[1])}).`
  );
}

/** Their test users differ, so the interval of the difference comes from the two half-widths. */
function againstPrevious({ candidate, previous }: GateInput): string | undefined {
  const now = candidate.metrics[QUALITY];
  const before = previous?.metrics[QUALITY];
  if (now === undefined || before === undefined) return undefined;
  const half = (ci95: readonly [number, number]) => (ci95[1] - ci95[0]) / 2;
  const margin = Math.hypot(half(now.ci95), half(before.ci95));
  if (now.mean + margin >= before.mean) return undefined;
  return (
    `${candidate.name} is worse than the current release ${previous!.release}: ${QUALITY} ` +
    `${figure(now.mean)} against ${figure(before.mean)}, beyond the interval of ±${figure(margin)}.`
  );
}

function againstCollapse(input: GateInput): string | undefined {
  const { candidate, previous, reachableCoverage = 1 } = input;
  const now = candidate.metrics[COVERAGE]?.mean;
  if (now === undefined) return undefined;
  const before = previous?.metrics[COVERAGE]?.mean;
  if (before !== undefined && now < COVERAGE_COLLAPSE * before) {
    return (
      `${candidate.name} shows ${percent(now)} of the catalogue, less than half of the ` +
      `${percent(before)} that the current release ${previous!.release} shows.`
    );
  }
  if (now >= LEAST_COVERAGE * reachableCoverage) return undefined;
  return (
    `${candidate.name} shows ${percent(now)} of the catalogue, under 1 % of the ` +
    `${percent(reachableCoverage)} that the measured lists could show.`
  );
}

function figure(value: number): string {
  return value.toFixed(4);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
