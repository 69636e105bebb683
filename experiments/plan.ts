/** How long an experiment will take, told before it starts. */
import * as v from "valibot";
import type { Group } from "./comparison.ts";
import type { Experiment } from "./definition.ts";
import { narrowestHalfWidth, type Tuning } from "./statistics/confidence-sequence.ts";
import { normalQuantile } from "./statistics/distributions.ts";
import { meanOf, residualVariance } from "./statistics/moments.ts";

/**
 * What an experiment on everybody would have seen of the primary metric had it begun some days ago,
 * up to the end of each day.
 */
export type BaselineDay = Group;

const orUnknown = v.nullable(v.number());

/** Schema of {@link Plan}. */
const planSchema = v.object({
  /** Of all arms; null when nothing is known of the metric yet: `sentence` says so. */
  users: orUnknown,
  usersByArm: v.nullable(v.record(v.string(), v.number())),
  /** Null also when the users do not come within {@link MOST_DAYS}. */
  days: orUnknown,
  /** What a test that looks once, at the end, would take. */
  usersLookingOnce: orUnknown,
  /** Sum over the users of the days that each has been in the experiment by then. */
  userDays: orUnknown,
  /** Of the metric by user at the planned end. */
  mean: orUnknown,
  sentence: v.string(),
});

/** What is told of an experiment before it starts. */
export type Plan = v.InferOutput<typeof planSchema>;

/** The plan that was kept with an experiment; null for none, or for one of another version. */
export function parsePlan(kept: unknown): Plan | null {
  const { success, output } = v.safeParse(planSchema, kept);
  return success ? output : null;
}

/** What planning needs of an experiment. */
export type Planned = Pick<
  Experiment,
  "mode" | "arms" | "primary" | "minimumEffect" | "alpha" | "power"
>;

/** An experiment of more days than this is not planned: by then the users are others. */
const MOST_DAYS = 180;
/** What a sequence is tuned for without a plan: 2,500 users who come over a week. */
const USER_DAYS_WITHOUT_PLAN = 10_000;

/**
 * Plans an experiment from what users did of late.
 *
 * @param baseline from the first day to the last, without gaps; the days behind it go on as its last week.
 */
export function planExperiment(experiment: Planned, baseline: readonly BaselineDay[]): Plan {
  const last = baseline.at(-1);
  if (last === undefined || last.users < 2 || !(last.sum > 0)) {
    return unknown(
      `There are no ${experiment.primary} of the last weeks to plan from: start an A/A experiment first, or let events come in.`,
    );
  }
  if (!(residualVariance(last) > 0)) {
    return unknown(
      `Every user has the same ${experiment.primary}: there is no change that it could show.`,
    );
  }
  for (let days = 1; days <= MOST_DAYS; days++) {
    const then = onDay(baseline, days);
    if (!(then.sum > 0)) continue;
    const users = usersFor(experiment, then, sequentialDeviations(experiment));
    if (users <= then.users * shareIn(experiment)) return reached(experiment, then, days, users);
  }
  return outOfReach(experiment, onDay(baseline, MOST_DAYS));
}

/** What the sequence of one arm against the control is tuned for, by the plan. */
export function tuningOf(experiment: Planned, plan: Plan | null, arm: string): Tuning {
  const [control, ...others] = experiment.arms;
  const treated = experiment.arms.find(({ name }) => name === arm) ?? others[0]!;
  const compared =
    experiment.mode === "interleaving" ? 1 : (control!.share + treated.share) / shareIn(experiment);
  return {
    time: Math.max(1, (plan?.userDays ?? USER_DAYS_WITHOUT_PLAN) * compared),
    alpha: experiment.alpha / others.length,
  };
}

/** Critical value plus power, in standard errors, of the sequence at the planned end. */
function sequentialDeviations({ arms, alpha, power }: Planned): number {
  return narrowestHalfWidth(alpha / (arms.length - 1)) + normalQuantile(power);
}

function deviationsLookingOnce({ arms, alpha, power }: Planned): number {
  return normalQuantile(1 - alpha / (arms.length - 1) / 2) + normalQuantile(power);
}

/**
 * Users of all arms for an effect of the least size: (deviations / effect)^2 times the variance of the
 * relative difference of the smallest arm, adjusted, and the same in both arms. Interleaved, the effect
 * is the share of users who prefer the arm less of those who do not, whose variance is 1 at most.
 */
function usersFor(experiment: Planned, baseline: BaselineDay, deviations: number): number {
  if (experiment.mode === "interleaving")
    return Math.ceil((deviations / experiment.minimumEffect) ** 2);
  const whole = shareIn(experiment);
  const [control, ...others] = experiment.arms.map(({ share }) => share / whole);
  const smallest = Math.min(...others);
  const spread =
    (residualVariance(baseline) / meanOf(baseline) ** 2) *
    (1 / smallest + (1 + experiment.minimumEffect) ** 2 / control!);
  return Math.ceil(spread * (deviations / experiment.minimumEffect) ** 2);
}

/** The baseline on a day, or what it grows to at the pace of its last week. */
function onDay(baseline: readonly BaselineDay[], day: number): BaselineDay {
  const known = baseline[day - 1];
  if (known !== undefined) return known;
  const last = baseline.at(-1)!;
  const before = baseline[Math.max(0, baseline.length - 8)]!;
  const week = Math.max(1, Math.min(7, baseline.length - 1));
  const more = day - baseline.length;
  const newUsers = baseline.length < 2 ? 0 : (last.users - before.users) / week;
  const users = last.users + newUsers * more;
  const growth = users / last.users;
  const grown = Object.entries(last).map(([name, value]) => [name, value * growth]);
  return {
    ...(Object.fromEntries(grown) as unknown as BaselineDay),
    users,
    userDays: last.userDays + more * last.users + (newUsers * more * (more + 1)) / 2,
  };
}

function reached(experiment: Planned, then: BaselineDay, days: number, users: number): Plan {
  const once = usersFor(experiment, then, deviationsLookingOnce(experiment));
  const whole = shareIn(experiment);
  const effect = Number((experiment.minimumEffect * 100).toPrecision(3));
  const count = (value: number) => value.toLocaleString("en");
  return {
    users,
    usersByArm: Object.fromEntries(
      experiment.arms.map(({ name, share }) => [name, Math.ceil((users * share) / whole)]),
    ),
    days,
    usersLookingOnce: once,
    userDays: Math.round(then.userDays * whole),
    mean: meanOf(then),
    sentence:
      `${count(users)} users, about ${days} ${days === 1 ? "day" : "days"}, to find a change of ${experiment.primary} by ${effect} % ` +
      `with a chance of ${Math.round(experiment.power * 100)} %. Looking only once, at the end, would take ${count(once)} users; ` +
      "this one may be looked at every day.",
  };
}

function outOfReach(experiment: Planned, then: BaselineDay): Plan {
  const users = usersFor(experiment, then, sequentialDeviations(experiment));
  const coming = Math.round(then.users * shareIn(experiment));
  return {
    ...unknown(
      `It would take ${users.toLocaleString("en")} users, and only about ${coming.toLocaleString("en")} come within ${MOST_DAYS} days: look for a larger effect, give it a larger share, or interleave.`,
    ),
    users,
    userDays: Math.round(then.userDays * shareIn(experiment)),
  };
}

function unknown(sentence: string): Plan {
  return {
    users: null,
    usersByArm: null,
    days: null,
    usersLookingOnce: null,
    userDays: null,
    mean: null,
    sentence,
  };
}

function shareIn({ arms }: Planned): number {
  return arms.reduce((sum, { share }) => sum + share, 0);
}
