/**
 * What becomes of the pointer: activation, shares, rollback. Pure; whoever writes KV writes these.
 * Experiments and parameters stay as they are.
 */
import { UsherError } from "./error.ts";
import type { Pointer } from "./pointer.ts";

type Arm = Pointer["arms"][number];

/**
 * The pointer once a release serves `share` (above 0, at most 1) of the users.
 *
 * The arms there were keep what is left in their own proportions; with a share of 1 they end. A new
 * arm comes first, so that widening it only adds users (see `armOf`). `previous` becomes the largest
 * of the other arms: what a rollback returns to.
 *
 * @param salt used for the first pointer of all.
 * @returns `current` itself when it says so already.
 * @throws UsherError `NO_OTHER_ARM` when nothing else could serve the rest.
 */
export function withShare(
  current: Pointer | null,
  release: string,
  share: number,
  now: Date,
  salt: () => string,
): Pointer {
  const others = current?.arms.filter((arm) => arm.release !== release) ?? [];
  if (others.length === 0 && share < 1) throw noOtherArm(release, share);
  const arms = share === 1 ? [{ release, weight: 1 }] : sharing(current, others, release, share);
  if (current !== null && sameArms(current.arms, arms)) return current;
  return {
    ...current,
    arms,
    salt: current?.salt ?? salt(),
    previous: largest(others)?.release ?? current?.previous ?? null,
    generation: (current?.generation ?? 0) + 1,
    changedAt: now.toISOString(),
  };
}

/**
 * The pointer after a rollback: the release before serves everybody.
 *
 * What served until now becomes the one before, so that a rollback can be taken back, unless it is
 * `final`.
 *
 * @throws UsherError `NOTHING_BEFORE`.
 */
export function rolledBack(current: Pointer, now: Date, { final = false } = {}): Pointer {
  const { previous } = current;
  if (previous === null) {
    throw new UsherError(
      "NOTHING_BEFORE",
      `Nothing served before ${current.arms.map((arm) => arm.release).join(", ")}, so there is nothing to roll back to. "usher releases" lists what can be activated instead.`,
    );
  }
  const left = largest(current.arms.filter((arm) => arm.release !== previous));
  return {
    ...current,
    arms: [{ release: previous, weight: 1 }],
    previous: final ? null : (left?.release ?? null),
    generation: current.generation + 1,
    changedAt: now.toISOString(),
  };
}

function sharing(
  current: Pointer | null,
  others: readonly Arm[],
  release: string,
  share: number,
): Arm[] {
  const total = others.reduce((sum, arm) => sum + arm.weight, 0);
  const scaled = (arm: Arm): Arm =>
    arm.release === release
      ? { release, weight: share }
      : { release: arm.release, weight: ((1 - share) * arm.weight) / total };
  const known = current?.arms.some((arm) => arm.release === release) ?? false;
  const arms = known ? (current?.arms ?? []) : [{ release, weight: share }, ...others];
  return arms.map(scaled);
}

/** Sums of shares in binary fractions differ in their last bits without meaning anything by it. */
const SAME_WEIGHT = 1e-9;

function sameArms(a: readonly Arm[], b: readonly Arm[]): boolean {
  const same = (arm: Arm, at: number) =>
    arm.release === b[at]!.release && Math.abs(arm.weight - b[at]!.weight) < SAME_WEIGHT;
  return a.length === b.length && a.every(same);
}

function largest(arms: readonly Arm[]): Arm | undefined {
  return arms.toSorted((a, b) => b.weight - a.weight)[0];
}

function noOtherArm(release: string, share: number): UsherError {
  const percent = Math.round(share * 100);
  return new UsherError(
    "NO_OTHER_ARM",
    `${release} cannot serve ${percent} % of the users: nothing else serves, so nobody would serve the rest. Activate it without a weight.`,
  );
}
