import type { MetricName } from "./definition.ts";
import type { OutcomeDay, Segment } from "./outcomes.ts";
import {
  alwaysValidP,
  halfWidth,
  type Interval,
  type Tuning,
} from "./statistics/confidence-sequence.ts";
import { type Effect, relativeEffect } from "./statistics/effect.ts";
import { holm } from "./statistics/holm.ts";
import { type Moments, NO_USERS, together } from "./statistics/moments.ts";

/** Fewer users than this in an arm are not judged: the theory is one of many users. */
export const FEWEST_USERS = 100;

/** An arm beside the control in one metric, of all users or a segment of them. */
export interface Comparison {
  readonly metric: MetricName;
  readonly arm: string;
  readonly segment: Segment | null;
  readonly users: { readonly control: number; readonly arm: number };
  /** Null while too little has happened to tell. */
  readonly effect: Effect | null;
  /** Of the relative effect; holds at every look, at `level`. */
  readonly interval: Interval | null;
  readonly level: number;
  /** Always valid, corrected by Holm for the family that it was asked in. */
  readonly p: number;
}

/** Moments of some users over some time. */
export interface Group extends Moments {
  readonly userDays: number;
}

/** What is compared, before the correction. */
export interface Question {
  readonly metric: MetricName;
  readonly arm: string;
  readonly segment: Segment | null;
  readonly control: Group;
  readonly treated: Group;
  /** Before the first look. */
  readonly tuning: Tuning;
}

/** The groups' rows added up; all of one day, metric and arm. */
export function groupOf(rows: readonly OutcomeDay[]): Group {
  return rows.reduce<Group>(
    (sum, row) => ({ ...together(sum, row), userDays: sum.userDays + row.userDays }),
    { ...NO_USERS, userDays: 0 },
  );
}

/** Answers a family of questions; the chance of a single false answer among them is alpha. */
export function compare(family: readonly Question[], alpha: number): Comparison[] {
  const effects = family.map(effectOf);
  const values = family.map((question, at) => pOf(question, effects[at]!));
  const corrected = holm(values, alpha);
  return family.map((question, at) => {
    const { metric, arm, segment, control, treated } = question;
    const { p, level } = corrected[at]!;
    const effect = effects[at]!;
    const users = { control: control.users, arm: treated.users };
    const interval = effect && intervalAround(effect, question, level);
    return { metric, arm, segment, users, effect, interval, level, p };
  });
}

/** Time is counted in days of users: both new users and new days of old ones bring news. */
function timeOf({ control, treated }: Question): number {
  return control.userDays + treated.userDays;
}

function effectOf({ control, treated }: Question): Effect | null {
  if (Math.min(control.users, treated.users) < FEWEST_USERS) return null;
  return relativeEffect(control, treated);
}

function pOf(question: Question, effect: Effect | null): number {
  if (effect === null) return 1;
  return alwaysValidP(effect.relative / effect.standardError, timeOf(question), question.tuning);
}

function intervalAround(effect: Effect, question: Question, level: number): Interval {
  const { relative, standardError } = effect;
  const half = standardError * halfWidth(timeOf(question), level, question.tuning);
  return { low: relative - half, high: relative + half };
}
