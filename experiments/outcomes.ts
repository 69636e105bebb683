/** What an experiment has brought so far, as the database adds it up. */
import type { MetricName } from "./definition.ts";
import type { Moments } from "./statistics/moments.ts";

/** Whether a user was known before the first exposure. */
export const SEGMENTS = ["new", "returning"] as const;
export type Segment = (typeof SEGMENTS)[number];

/** Everything up to the end of a day, of one metric, arm and segment. */
export interface OutcomeDay extends Moments {
  readonly metric: MetricName;
  readonly arm: string;
  readonly segment: Segment;
  /** Of UTC, `2026-01-31`. */
  readonly day: string;
  /** Sum over the users of the days since each one's first exposure, the first included. */
  readonly userDays: number;
}

/** Users of an arm by their outcome of the primary metric: from `from` up to the next `from`. */
export interface OutcomeBin {
  readonly arm: string;
  readonly from: number;
  readonly users: number;
}

/** Whose items users of an interleaved list clicked, played or rated high more, up to the end of a day. */
export interface PreferenceDay {
  readonly day: string;
  readonly users: number;
  readonly userDays: number;
  /** Users with more credit for the arm than for the control, and the other way round. */
  readonly wins: number;
  readonly losses: number;
}

/** All of it; `days` in ascending order. */
export interface ExperimentOutcomes {
  readonly days: readonly OutcomeDay[];
  readonly bins: readonly OutcomeBin[];
  readonly preferences: readonly PreferenceDay[];
}
