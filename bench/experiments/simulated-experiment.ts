/** Experiments on users who never were, day by day, to see how often the verdicts are right. */
import type { Experiment } from "../../experiments/definition.ts";
import type { OutcomeDay } from "../../experiments/outcomes.ts";
import type { BaselineDay } from "../../experiments/plan.ts";
import { NO_USERS } from "../../experiments/statistics/moments.ts";
import type { Random } from "../../trainer/random.ts";

/** How users come and what they do. */
export interface Behaviour {
  /** Users who come for the first time on a day, of all arms together; `day` from 0. */
  readonly newUsers: (day: number) => number;
  /** Clicks a day, of a user who is like this from the first day to the last. */
  readonly rate: (random: Random) => number;
  /** Days that a user goes on clicking. */
  readonly activeDays: number;
  /** Days before the experiment that are known of each user. */
  readonly daysBefore: number;
}

const exponential = (random: Random) => -Math.log(1 - random());

/** Ways of behaving that try the theory from different sides. */
export const BEHAVIOURS = {
  /** A hundred and fifty new users a day, some far busier than others, all staying. */
  steady: {
    newUsers: () => 150,
    rate: (random) => 0.3 * exponential(random),
    activeDays: 60,
    daysBefore: 0,
  },
  /** The same, with what they did in the four weeks before. */
  known: {
    newUsers: () => 150,
    rate: (random) => 0.3 * exponential(random),
    activeDays: 60,
    daysBefore: 28,
  },
  /** Everybody comes on the first day and is alike: the news of a day is all new. */
  crowd: {
    newUsers: (day) => (day === 0 ? 1_680 : 0),
    rate: () => 0.1,
    activeDays: 60,
    daysBefore: 0,
  },
  /** Nobody comes back: the news is only in new users. */
  passing: {
    newUsers: () => 150,
    rate: (random) => exponential(random),
    activeDays: 1,
    daysBefore: 0,
  },
  /** A few users do nearly everything: the square of the square of a rate. */
  heavy: {
    newUsers: () => 300,
    rate: (random) => 0.1 * exponential(random) ** 3,
    activeDays: 60,
    daysBefore: 0,
  },
} as const satisfies Record<string, Behaviour>;

/** An experiment of one metric and arms of equal size. */
export function splitOf(arms: readonly string[], change: Partial<Experiment> = {}): Experiment {
  return {
    id: "simulated",
    name: "Simulated",
    layer: "default",
    mode: "split",
    arms: arms.map((name) => ({ name, share: 1 / arms.length, release: name, parameters: {} })),
    salt: "simulated",
    primary: "clicks",
    guardrails: [],
    minimumEffect: 0.1,
    alpha: 0.05,
    power: 0.8,
    ...change,
  };
}

/**
 * Runs an experiment for some days.
 *
 * @param lifts what each arm multiplies the clicks by, the control first.
 * @param lost share of the users of each arm whose exposure is never recorded.
 */
export function simulate(
  { arms }: Experiment,
  behaviour: Behaviour,
  days: number,
  lifts: readonly number[],
  random: Random,
  lost: readonly number[] = [],
): OutcomeDay[] {
  const state = arms.map(() => ({ ...NO_USERS, userDays: 0 }));
  const users: { arm: number; rate: number; first: number; sum: number; before: number }[] = [];
  const rows: OutcomeDay[] = [];
  for (let day = 0; day < days; day++) {
    for (let comes = behaviour.newUsers(day); comes > 0; comes--) {
      const arm = Math.floor(random() * arms.length);
      if (random() < (lost[arm] ?? 0)) continue;
      const rate = behaviour.rate(random);
      const before = poisson(rate * behaviour.daysBefore, random);
      users.push({ arm, rate, first: day, sum: 0, before });
      const of = state[arm]!;
      of.users++;
      of.before += before;
      of.beforeSquares += before ** 2;
    }
    for (const user of users) {
      if (day - user.first >= behaviour.activeDays) continue;
      const clicks = poisson(user.rate * lifts[user.arm]!, random);
      if (clicks === 0) continue;
      const of = state[user.arm]!;
      of.sum += clicks;
      of.squares += clicks * (2 * user.sum + clicks);
      of.products += clicks * user.before;
      user.sum += clicks;
    }
    arms.forEach(({ name }, at) => {
      const of = state[at]!;
      of.userDays += of.users;
      rows.push({ metric: "clicks", arm: name, segment: "new", day: dayName(day), ...of });
    });
  }
  return rows;
}

/** Such users ten times over are a baseline of little noise of its own. */
const BASELINE_CROWD = 10;

/** What planning would know of such users: everybody over some weeks, in one group. */
export function baselineOf(behaviour: Behaviour, days: number, random: Random): BaselineDay[] {
  const newUsers = (day: number) => behaviour.newUsers(day) * BASELINE_CROWD;
  const everybody = splitOf(["everybody"]);
  return simulate(everybody, { ...behaviour, newUsers }, days, [1], random).map((row) => ({
    users: row.users / BASELINE_CROWD,
    userDays: row.userDays / BASELINE_CROWD,
    sum: row.sum / BASELINE_CROWD,
    squares: row.squares / BASELINE_CROWD,
    before: row.before / BASELINE_CROWD,
    beforeSquares: row.beforeSquares / BASELINE_CROWD,
    products: row.products / BASELINE_CROWD,
  }));
}

/** A Poisson variable (Knuth's products; in parts of mean 20, for the exponential's range). */
function poisson(mean: number, random: Random): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 20) {
    const limit = Math.exp(-Math.min(left, 20));
    for (let product = random(); product > limit; product *= random()) count++;
  }
  return count;
}

function dayName(day: number): string {
  return new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
}
