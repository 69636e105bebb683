/**
 * Temporal split: a model that knows everything up to a moment, asked for what people did after it.
 * One moment for all users, so that nothing of the future leaks through other people's behaviour
 * (Ji et al. 2020, "A Critical Study on Data Leakage in Recommender System Offline Evaluation").
 */
import { UsherError } from "../../release/error.ts";
import { type Csr, keepValues, rowIndices, selectRows } from "../csr.ts";
import { seededRandom, shuffle } from "../random.ts";
import type { HeldOut, Split } from "./split.ts";

export interface TemporalOptions {
  /** Draws the users where there are more than asked for. */
  seed: number;
  /** Users measured for validation and again for test, at most. Default 500. */
  heldOutUsers?: number;
}

/** The two moments, in seconds since 1970: validation begins, test begins. */
export interface Moments {
  validation: number;
  test: number;
}

/** Shares of all interactions that lie before validation and before test. */
const BEFORE_VALIDATION = 0.8;
const BEFORE_TEST = 0.9;
/** Interactions without a time count as the oldest; more of them than this say nothing of order. */
const MAX_UNTIMED = 0.05;

/**
 * The moments that put 80 % of the timed interactions before validation and 90 % before test.
 *
 * Throws `TIMES_MISSING` when interactions have no times, or all the same.
 *
 * @param times seconds since 1970 of each interaction, 0 where unknown
 */
export function momentsOf(times: Uint32Array): Moments {
  const known = times.filter((time) => time > 0).sort();
  const untimed = times.length - known.length;
  if (untimed > MAX_UNTIMED * times.length) {
    throw new UsherError(
      "TIMES_MISSING",
      `A temporal split needs to know when things happened, and ${untimed} of ${times.length} ` +
        "interactions have no time (interaction lists keep none). Use the strong split.",
    );
  }
  const at = (share: number) => known[Math.floor(share * known.length)]!;
  const moments = { validation: at(BEFORE_VALIDATION), test: at(BEFORE_TEST) };
  if (known[0]! < moments.validation && moments.validation < moments.test) return moments;
  throw new UsherError(
    "TIMES_MISSING",
    "A temporal split needs interactions before and after a moment, and these happened all but at " +
      "the same time. Use the strong split.",
  );
}

/** The interactions, users x items, with the values that they had just before a moment. */
export type ValuesUntil = (moment: number) => Csr;

/**
 * Splits users x items by time: a model learns from what happened before validation; a validation or
 * test user folds in all before the moment and is to be found in what came after it. Users who only
 * came or only went in between are not measured.
 *
 * Throws `DATASET_TOO_SMALL` when nobody was there both before and after a moment.
 *
 * @param times seconds since 1970 of each stored value of the matrix
 */
export function splitTemporal(
  valuesUntil: ValuesUntil,
  times: Uint32Array,
  moments: Moments,
  { seed, heldOutUsers = 500 }: TemporalOptions,
): Split {
  const random = seededRandom(seed);
  const between = (from: number, to: number) =>
    keepValues(
      valuesUntil(to),
      Uint8Array.from(times, (time) => (time >= from && time < to ? 1 : 0)),
    );
  const end = Number.POSITIVE_INFINITY;
  const known = between(0, moments.validation);
  const pick = (profiles: Csr, targets: Csr) =>
    heldOut(profiles, targets, heldOutUsers, random, moments);
  return {
    train: selectRows(known, rowsWithValues(known)),
    validation: pick(known, between(moments.validation, moments.test)),
    test: pick(between(0, moments.test), between(moments.test, end)),
  };
}

function heldOut(
  profiles: Csr,
  targets: Csr,
  limit: number,
  random: () => number,
  moments: Moments,
): HeldOut {
  const both = rowsWithValues(profiles).filter((user) => rowIndices(targets, user).length > 0);
  if (both.length === 0) {
    throw new UsherError(
      "DATASET_TOO_SMALL",
      `Nobody interacted both before and after ${day(moments.validation)} or ${day(moments.test)}, ` +
        "where the last fifth and tenth of the interactions begin. Use the strong split.",
    );
  }
  const users = shuffle(both, random).slice(0, limit).sort();
  return { users, profiles: selectRows(profiles, users), targets: selectRows(targets, users) };
}

function rowsWithValues(matrix: Csr): Uint32Array {
  const all = Uint32Array.from({ length: matrix.rows }, (_, row) => row);
  return all.filter((row) => rowIndices(matrix, row).length > 0);
}

function day(seconds: number): string {
  return new Date(1000 * seconds).toISOString().slice(0, 10);
}
