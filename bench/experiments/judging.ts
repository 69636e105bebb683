/** Many simulated experiments, each judged at the end of every day as somebody impatient would. */
import { analyse, type DailyEffect } from "../../experiments/analysis.ts";
import { groupOf } from "../../experiments/comparison.ts";
import type { OutcomeDay } from "../../experiments/outcomes.ts";
import { type Plan, planExperiment } from "../../experiments/plan.ts";
import { relativeEffect } from "../../experiments/statistics/effect.ts";
import { seededRandom } from "../../trainer/random.ts";
import {
  BEHAVIOURS,
  type Behaviour,
  baselineOf,
  simulate,
  splitOf,
} from "./simulated-experiment.ts";

export const ALPHA = 0.05;
const BASELINE_DAYS = 28;
const MINIMUM_EFFECT = 0.2;
/** What a test that looks once calls significant at {@link ALPHA}. */
const LOOKING_ONCE = 1.96;

/** Of many experiments: shares of them, by the day up to which they were looked at. */
export interface Judgement {
  readonly plan: Plan;
  readonly days: number;
  /** Found an effect, in either direction, by the end of each day. */
  readonly found: readonly number[];
  /** The same with a test that may look only once, used every day. */
  readonly foundNaively: readonly number[];
  /** Had the truth in the interval on every day, and on the last. */
  readonly coveredAlways: number;
  readonly coveredAtEnd: number;
}

export type BehaviourName = keyof typeof BEHAVIOURS;

/**
 * Runs and judges experiments of two arms.
 *
 * @param lift relative effect of the second arm; 0 for A/A.
 * @param days null: as long as planned, and with no more users than planned.
 */
export function judgeMany(
  name: BehaviourName,
  runs: number,
  lift: number,
  days: number | null,
  seed = 1,
): Judgement {
  const random = seededRandom(seed);
  const behaviour: Behaviour = BEHAVIOURS[name];
  const experiment = splitOf(["control", "arm"], { minimumEffect: MINIMUM_EFFECT, alpha: ALPHA });
  const plan = planExperiment(experiment, baselineOf(behaviour, BASELINE_DAYS, random));
  const lasts = days ?? plan.days ?? BASELINE_DAYS;
  const users = days === null ? withAtMost(plan.users ?? 0, behaviour) : behaviour;
  const found = new Array<number>(lasts).fill(0);
  const foundNaively = new Array<number>(lasts).fill(0);
  let coveredAlways = 0;
  let coveredAtEnd = 0;
  for (let run = 0; run < runs; run++) {
    const rows = simulate(experiment, users, lasts, [1, 1 + lift], random);
    const { daily } = analyse(experiment, { days: rows, bins: [], preferences: [] }, plan);
    countFrom(found, firstDay(rows, daily));
    countFrom(foundNaively, firstDayNaively(rows));
    if (daily.every((each) => covers(each, lift))) coveredAlways++;
    if (covers(daily.at(-1)!, lift)) coveredAtEnd++;
  }
  return {
    plan,
    days: lasts,
    found: found.map((count) => count / runs),
    foundNaively: foundNaively.map((count) => count / runs),
    coveredAlways: coveredAlways / runs,
    coveredAtEnd: coveredAtEnd / runs,
  };
}

/** The same behaviour of the first so many users. */
function withAtMost(most: number, behaviour: Behaviour): Behaviour {
  const newUsers = (day: number) => {
    let before = 0;
    for (let earlier = 0; earlier < day; earlier++) before += behaviour.newUsers(earlier);
    return Math.max(0, Math.min(behaviour.newUsers(day), most - before));
  };
  return { ...behaviour, newUsers };
}

/** One of the two arms' rows follows the other, a pair a day. */
function firstDay(rows: readonly OutcomeDay[], daily: readonly DailyEffect[]): number {
  const first = daily.find((each) => !covers(each, 0));
  return first === undefined ? -1 : rows.findIndex(({ day }) => day === first.day) / 2;
}

function firstDayNaively(rows: readonly OutcomeDay[]): number {
  for (let at = 0; at < rows.length; at += 2) {
    const effect = relativeEffect(groupOf([rows[at]!]), groupOf([rows[at + 1]!]));
    if (effect && Math.abs(effect.relative) > LOOKING_ONCE * effect.standardError) return at / 2;
  }
  return -1;
}

function countFrom(counts: number[], day: number): void {
  if (day < 0) return;
  for (let later = day; later < counts.length; later++) counts[later]!++;
}

function covers({ interval }: DailyEffect, truth: number): boolean {
  return interval.low <= truth && truth <= interval.high;
}
