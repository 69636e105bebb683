/** The settings of the shipped model, and what they are on data of a size. */
import type { Csr } from "../csr.ts";
import type { HiddenSettings } from "./hidden-layer.ts";
import type { LinearSettings } from "./linear-factors.ts";

export interface RadialSettings extends LinearSettings, HiddenSettings {
  /** Share of the linear part in the sum, 0..1. */
  linearShare: number;
  /** Scores are divided by the item's number of interactions to this power; 0 leaves them as they are. */
  popularityDamping: number;
}

/** Settings by the data's size; found on the validation users of MovieLens small, 100K and 1M. */
export function defaultSettings(train: Csr): RadialSettings {
  const { rank, units, outputs, ...settings } = settingsOfSize(train);
  const most = Math.max(LEAST_LIMIT, Math.ceil(train.cols / 4));
  return {
    ...settings,
    rank: Math.min(rank, most),
    units: Math.min(units, Math.max(2 * LEAST_LIMIT, 2 * train.cols)),
    outputs: Math.min(outputs, most),
  };
}

/** Rows of the edge's model up to which a fold-in runs from the processor's caches, in bytes. */
const ROWS_BYTES = 20_000_000;
/** Eigenpairs of one fit, and items times their square: a minute or so of one core. */
const FIT_RANK = 1_024;
const FIT_WORK = 4e9;

/**
 * How far the rank may grow where that gains: by what the edge scans fast, at a byte a dimension, and
 * by the time of a fit. A group has two items at least, hence half the items.
 */
export function mostRank(train: Csr, { outputs }: Pick<RadialSettings, "outputs">): number {
  const items = Math.max(1, train.cols);
  const scanned = Math.floor(ROWS_BYTES / items) - outputs;
  const fitted = Math.min(FIT_RANK, Math.floor(Math.sqrt(FIT_WORK / items)));
  return Math.min(train.rows, Math.floor(items / 2), scanned, fitted);
}

/** Dimensions that even the smallest catalogue may have; a larger one has up to a quarter of its items. */
const LEAST_LIMIT = 32;

function settingsOfSize(train: Csr): RadialSettings {
  const always = {
    fade: 0.5,
    emphasis: 0.5,
    activityDamping: 0.5,
    dropout: 0.3,
    popularityDamping: 0,
  };
  if (train.indices.length >= 500_000) {
    return {
      ...always,
      rank: 192,
      lambda: 200,
      units: 1024,
      sharpness: 2.5,
      ridge: 0.7,
      outputs: 256,
      linearShare: 0.6,
    };
  }
  if (train.cols > 4 * train.rows) return { ...always, ...wideSettings(train.cols) };
  return {
    ...always,
    rank: 96,
    lambda: 50,
    units: 256,
    sharpness: 2,
    ridge: 1.5,
    outputs: 64,
    linearShare: 0.55,
  };
}

/**
 * Many more items than users: little is known of most, and more of it lies in the last eigenpairs,
 * which fade out instead of being cut. Rows are shorter where there are so many that each fold-in
 * would feel it.
 */
function wideSettings(items: number) {
  const many = items > 20_000;
  return {
    emphasis: 0.33,
    fade: 1,
    rank: many ? 200 : 400,
    lambda: 100,
    units: 512,
    sharpness: 1,
    ridge: 0.2,
    outputs: many ? 128 : 256,
    linearShare: 0.7,
  };
}
