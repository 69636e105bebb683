/** What a ranking would have earned, estimated from lists that others were shown. */

/** A list that a user was shown in an experiment, against the list that the candidate has for them. */
export interface ReplayedList {
  readonly userId: string;
  readonly shown: readonly ShownItem[];
  /** Items in the candidate's list, and how many of them some arm would have shown this user. */
  readonly wanted: number;
  readonly supported: number;
}

export interface ShownItem {
  /** Chance that the experiment would show this user the item: the shares of the arms that do. */
  readonly propensity: number;
  /** Whether the candidate's list has it. */
  readonly wanted: boolean;
  /** Whether the user clicked, played or rated it high. */
  readonly taken: boolean;
}

/** An estimate, and what it rests on. */
export interface Replay {
  readonly lists: number;
  readonly users: number;
  /** Items that users take from a list: of those shown, and of the candidate's by estimate. */
  readonly logged: number;
  readonly candidate: number;
  readonly interval: { readonly low: number; readonly high: number };
  /** Candidate over logged, less 1. */
  readonly relative: number;
  readonly relativeInterval: { readonly low: number; readonly high: number };
  /** Share of the candidate's items that some arm would have shown. */
  readonly overlap: number;
  /** As many users, each counted once, would tell as much. */
  readonly effectiveUsers: number;
  /** Share of the weights that were cut at {@link MOST_WEIGHT}. */
  readonly clipped: number;
}

/** Weights are cut here: what little bias that brings buys a finite variance. */
export const MOST_WEIGHT = 20;
/** With less overlap, or fewer effective users, the estimate would be a guess. */
const LEAST_OVERLAP = 0.3;
export const LEAST_EFFECTIVE_USERS = 100;
/** Looked at once, at the end: the usual interval of 95 %. */
const DEVIATIONS = 1.96;

interface User {
  lists: number;
  taken: number;
  weight: number;
  weightTaken: number;
}

/**
 * Self-normalised inverse propensity scoring by item (Swaminathan & Joachims 2015, eq. 7, on the
 * item-wise estimator of Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay & Wen 2018): the chance that a
 * wanted item is taken when shown, times the length of the candidate's list. Intervals are by user, by
 * the delta method.
 *
 * It assumes that an item is taken for itself, not for its place or its neighbours, and that what no
 * arm would have shown is taken like the rest.
 *
 * @returns null where nothing wanted was ever shown, or nothing was ever taken.
 */
export function replay(lists: readonly ReplayedList[]): Replay | null {
  const users = byUser(lists);
  const count = users.length;
  const total = sumOf(users);
  const wanted = lists.reduce((sum, list) => sum + list.wanted, 0);
  const supported = lists.reduce((sum, list) => sum + list.supported, 0);
  if (count < 2 || total.weight === 0 || total.taken === 0) return null;
  const length = wanted / lists.length;
  const rate = total.weightTaken / total.weight;
  const candidate = rate * length;
  const logged = total.taken / total.lists;
  const pullOnCandidate = (user: User) =>
    (count * length * (user.weightTaken - rate * user.weight)) / total.weight;
  const pullOnLogged = (user: User) => (count * (user.taken - logged * user.lists)) / total.lists;
  const relative = candidate / logged - 1;
  const half = DEVIATIONS * standardError(users.map(pullOnCandidate));
  const relativeHalf =
    DEVIATIONS *
    standardError(
      users.map(
        (user) => (pullOnCandidate(user) - (candidate / logged) * pullOnLogged(user)) / logged,
      ),
    );
  const weights = wantedWeights(lists);
  return {
    lists: lists.length,
    users: count,
    logged,
    candidate,
    interval: { low: Math.max(0, candidate - half), high: candidate + half },
    relative,
    relativeInterval: { low: relative - relativeHalf, high: relative + relativeHalf },
    overlap: supported / wanted,
    effectiveUsers: total.weight ** 2 / users.reduce((sum, { weight }) => sum + weight ** 2, 0),
    clipped: weights.filter((weight) => weight > MOST_WEIGHT).length / weights.length,
  };
}

/** Why an estimate must not be told, in a sentence; null when it may. */
export function refusal(found: Replay | null): string | null {
  if (found === null) {
    return "Nothing that this release would show was shown to anybody who took something: there is nothing to replay.";
  }
  if (found.overlap < LEAST_OVERLAP) {
    return `Only ${percent(found.overlap)} % of what this release would show could have been shown in the experiment, and it takes ${percent(LEAST_OVERLAP)} %: run an experiment with it instead.`;
  }
  if (found.effectiveUsers < LEAST_EFFECTIVE_USERS) {
    return `What was shown tells as much as ${Math.round(found.effectiveUsers)} users would, and it takes ${LEAST_EFFECTIVE_USERS}: let the experiment go on.`;
  }
  return null;
}

function byUser(lists: readonly ReplayedList[]): User[] {
  const users = new Map<string, User>();
  for (const { userId, shown } of lists) {
    const user = users.get(userId) ?? { lists: 0, taken: 0, weight: 0, weightTaken: 0 };
    users.set(userId, user);
    user.lists++;
    for (const { propensity, wanted, taken } of shown) {
      if (taken) user.taken++;
      if (!wanted) continue;
      const weight = Math.min(MOST_WEIGHT, 1 / propensity);
      user.weight += weight;
      if (taken) user.weightTaken += weight;
    }
  }
  return [...users.values()];
}

function sumOf(users: readonly User[]): User {
  const total = { lists: 0, taken: 0, weight: 0, weightTaken: 0 };
  for (const user of users) {
    total.lists += user.lists;
    total.taken += user.taken;
    total.weight += user.weight;
    total.weightTaken += user.weightTaken;
  }
  return total;
}

function wantedWeights(lists: readonly ReplayedList[]): number[] {
  return lists.flatMap(({ shown }) =>
    shown.filter(({ wanted }) => wanted).map(({ propensity }) => 1 / propensity),
  );
}

/** Of a mean, from each user's pull on it; the pulls sum to zero. */
function standardError(pulls: readonly number[]): number {
  const squares = pulls.reduce((sum, pull) => sum + pull ** 2, 0);
  return Math.sqrt(squares / (pulls.length * (pulls.length - 1)));
}

function percent(share: number): string {
  return (share * 100).toFixed(0);
}
