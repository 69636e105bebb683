/**
 * From measurements (one a seed) to figures: each user's mean over the seeds first, then the mean over
 * users with its bootstrap interval. A user who was held out under several seeds counts once.
 */
import { bootstrapDifference, bootstrapMean, type Interval } from "./bootstrap.ts";
import { type Activity, activityGroups, type Tier } from "./groups.ts";
import type { Measurement } from "./measure.ts";
import { type RatingErrors, summariseErrors } from "./rating-errors.ts";

/** Metric name (`ndcg@100`, `coverage@20`, `rmse`) to its mean and 95 % interval. */
export type Metrics = Record<string, Interval>;

/** A model on the users of one activity: those whose profile has `from` to `to` items. */
export interface ActivityRow {
  activity: Activity;
  from: number;
  to: number;
  users: number;
  metrics: Metrics;
}

/** A model on the items of one popularity. */
export interface PopularityRow {
  tier: Tier;
  /** Items of the tier under the first seed. */
  items: number;
  /** Users who had a target in it. */
  users: number;
  /** Share of the tier among all items shown in the first 20, mean over the seeds. */
  share: number;
  metrics: Metrics;
}

export interface Groups {
  activity: ActivityRow[];
  popularity: PopularityRow[];
}

type Measurements = readonly Measurement[];

/** Every metric. One of all lists together has the range over the seeds as its interval. */
export function summarise(measurements: Measurements, seed: number): Metrics {
  const metrics: Metrics = {};
  for (const name of Object.keys(measurements[0]?.perUser ?? {})) {
    metrics[name] = bootstrapMean(perUser(measurements, name), seed);
  }
  for (const name of Object.keys(measurements[0]?.overall ?? {})) {
    const values = measurements.map((one) => one.overall[name]!);
    metrics[name] = { mean: meanOf(values), ci95: [Math.min(...values), Math.max(...values)] };
  }
  const errors = errorsByUser(measurements);
  return errors === undefined ? metrics : { ...metrics, ...summariseErrors(errors, seed) };
}

/**
 * `measurements` minus `chosen`, user by user, for every metric that a user has: an interval that
 * leaves out 0 tells the two apart. Both must be of the same users.
 */
export function compare(measurements: Measurements, chosen: Measurements, seed: number): Metrics {
  const metrics: Metrics = {};
  for (const name of Object.keys(measurements[0]?.perUser ?? {})) {
    const [own, other] = [perUser(measurements, name), perUser(chosen, name)];
    metrics[name] = bootstrapDifference(own, other, seed);
  }
  return metrics;
}

/** By activity of users and by popularity of items. */
export function summariseGroups(measurements: Measurements, seed: number): Groups {
  return { activity: byActivity(measurements, seed), popularity: byPopularity(measurements, seed) };
}

function byActivity(measurements: Measurements, seed: number): ActivityRow[] {
  const sizes = meansByUser(measurements, (one) => one.profileSizes);
  return activityGroups(sizes).map(({ activity, from, to, members }) => {
    const metrics: Metrics = {};
    for (const name of ["ndcg@100", "recall@20"]) {
      const values = perUser(measurements, name);
      metrics[name] = bootstrapMean(
        Float64Array.from(members, (user) => values[user]!),
        seed,
      );
    }
    return { activity, from: Math.floor(from), to: Math.ceil(to), users: members.length, metrics };
  });
}

function byPopularity(measurements: Measurements, seed: number): PopularityRow[] {
  const first = measurements[0]?.tiers ?? [];
  return first.map(({ tier, items }, index) => {
    const recalls = meansByUser(measurements, (one) => one.tiers[index]!.recall);
    return {
      tier,
      items,
      users: recalls.length,
      share: meanOf(measurements.map((one) => one.tiers[index]!.share)),
      metrics: { "recall@50": bootstrapMean(recalls, seed) },
    };
  });
}

function perUser(measurements: Measurements, name: string): Float64Array {
  return meansByUser(measurements, (one) => one.perUser[name]!);
}

/** One mean per distinct user, by ascending row; NaN does not count, nor does a user of NaN alone. */
function meansByUser(
  measurements: Measurements,
  values: (one: Measurement) => Float64Array,
): Float64Array {
  const { sums, counts } = sumsByUser(measurements, values);
  const users = [...sums.keys()].sort((a, b) => a - b);
  return Float64Array.from(users, (user) => sums.get(user)! / counts.get(user)!);
}

function sumsByUser(measurements: Measurements, values: (one: Measurement) => Float64Array) {
  const sums = new Map<number, number>();
  const counts = new Map<number, number>();
  for (const one of measurements) {
    values(one).forEach((value, at) => {
      if (Number.isNaN(value)) return;
      const user = one.users[at]!;
      sums.set(user, (sums.get(user) ?? 0) + value);
      counts.set(user, (counts.get(user) ?? 0) + 1);
    });
  }
  return { sums, counts };
}

function errorsByUser(measurements: Measurements): RatingErrors | undefined {
  if (!measurements.some(({ errors }) => errors !== undefined)) return undefined;
  const total = (name: keyof RatingErrors) => {
    const { sums } = sumsByUser(measurements, ({ errors }) => errors![name]);
    return Float64Array.from(sums.values());
  };
  return { squared: total("squared"), absolute: total("absolute"), ratings: total("ratings") };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
