import { FEWEST_USERS } from "./comparison.ts";
import type { PreferenceDay } from "./outcomes.ts";
import {
  alwaysValidP,
  halfWidth,
  type Interval,
  type Tuning,
} from "./statistics/confidence-sequence.ts";

/** Which of two interleaved rankings users prefer. */
export interface Preference {
  readonly users: number;
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** Share of users who prefer the arm less the share who prefer the control, -1..1. */
  readonly margin: number;
  /** Of the margin; holds at every look. Null for fewer than {@link FEWEST_USERS} users. */
  readonly interval: Interval | null;
  readonly p: number;
}

/** Every user is one vote, won, lost or even (Chapelle, Joachims, Radlinski & Yue 2012), up to a day. */
export function preferenceOn(day: PreferenceDay, alpha: number, tuning: Tuning): Preference {
  const { users, wins, losses, userDays } = day;
  const votes = { users, wins, ties: users - wins - losses, losses };
  const margin = users === 0 ? 0 : (wins - losses) / users;
  const variance = (wins + losses - users * margin ** 2) / (users - 1);
  if (users < FEWEST_USERS || !(variance > 0)) return { ...votes, margin, interval: null, p: 1 };
  const error = Math.sqrt(variance / users);
  const half = error * halfWidth(userDays, alpha, tuning);
  return {
    ...votes,
    margin,
    interval: { low: margin - half, high: margin + half },
    p: alwaysValidP(margin / error, userDays, tuning),
  };
}
