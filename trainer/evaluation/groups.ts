/**
 * Who and what a model is good for: users in thirds by activity, items in tiers by popularity.
 */
import { LIST_LENGTH } from "../../release/shard.ts";
import { recall } from "./recall.ts";

/** Most popular first. */
export const TIERS = ["head", "middle", "tail"] as const;
export type Tier = (typeof TIERS)[number];

/** Shares of all interactions after which the next tier begins. */
const HEAD_SHARE = 0.5;
const MIDDLE_SHARE = 0.8;

/**
 * Tier (index into `TIERS`) of each item: the head is the most popular items that together have half
 * of all interactions, the middle those up to 80 %, the tail the rest and what nobody touched.
 *
 * @param counts interactions of each item in the training data
 */
export function tiersOf(counts: Uint32Array): Uint8Array {
  const order = Uint32Array.from(counts, (_, item) => item);
  order.sort((a, b) => counts[b]! - counts[a]! || a - b);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const tiers = new Uint8Array(counts.length);
  let before = 0;
  for (const item of order) {
    const untouched = counts[item] === 0;
    tiers[item] =
      untouched || before >= MIDDLE_SHARE * total ? 2 : before >= HEAD_SHARE * total ? 1 : 0;
    before += counts[item]!;
  }
  return tiers;
}

/** What a model does with the items of one tier. */
export interface TierMeasurement {
  tier: Tier;
  items: number;
  /** Recall@50 of the user's targets within the tier; NaN for a user without any. */
  recall: Float64Array;
  /** Share of the tier among all the items in the users' first 20. */
  share: number;
}

/** Measures each tier; `ranked` and `targets` hold one entry per user. */
export function measureTiers(
  ranked: readonly Uint32Array[],
  targets: readonly ReadonlySet<number>[],
  tiers: Uint8Array,
): TierMeasurement[] {
  const shown = new Float64Array(TIERS.length);
  for (const list of ranked)
    for (const item of list.subarray(0, LIST_LENGTH)) shown[tiers[item]!]!++;
  const all = shown.reduce((sum, count) => sum + count, 0);
  return TIERS.map((tier, index) => ({
    tier,
    items: tiers.filter((other) => other === index).length,
    recall: Float64Array.from(ranked, (list, user) => {
      const own = new Set([...targets[user]!].filter((item) => tiers[item] === index));
      return own.size === 0 ? Number.NaN : recall(list, own, 50);
    }),
    share: all === 0 ? 0 : shown[index]! / all,
  }));
}

export const ACTIVITIES = ["light", "medium", "heavy"] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** Users of one activity: those whose profile has `from` to `to` items. */
export interface ActivityGroup {
  activity: Activity;
  from: number;
  to: number;
  /** Positions of its users. */
  members: number[];
}

/**
 * Users in thirds by the size of their profile; equal sizes stay together, and a third that this
 * leaves empty is left out.
 */
export function activityGroups(profileSizes: ArrayLike<number>): ActivityGroup[] {
  const sorted = Float64Array.from(profileSizes).sort();
  const bound = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const [low, high] = [bound(1 / 3), bound(2 / 3)];
  const groupOf = (size: number) => (size < low ? 0 : size < high ? 1 : 2);
  return ACTIVITIES.map((activity, index) => {
    const members: number[] = [];
    for (let user = 0; user < profileSizes.length; user++) {
      if (groupOf(profileSizes[user]!) === index) members.push(user);
    }
    // Spread into arguments, the sizes of very many users would not fit the stack.
    const sizes = Float64Array.from(members, (user) => profileSizes[user]!).sort();
    return { activity, from: sizes[0]!, to: sizes.at(-1)!, members };
  }).filter(({ members }) => members.length > 0);
}
