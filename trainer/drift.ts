/**
 * Drift: whether a dataset is still of the kind that the current release learned from.
 */
import type { DatasetSketch } from "../release/manifest.ts";
import { SAMPLED_ITEMS } from "./sketch.ts";
import { stabilityIndex } from "./stability-index.ts";
import {
  LEAST_VOLUME,
  MOST_VOLUME,
  UNSEEN_ITEMS,
  VALUE_DRIFT,
  YOUNG_VOLUME,
} from "./thresholds.ts";

/** What a manifest tells of its dataset; older ones have no sketch. */
export interface DatasetFacts {
  interactions: number;
  sketch?: DatasetSketch | undefined;
}

/** One sentence for each way in which `now` is another kind of data than that of `release`. */
export function drift(now: DatasetFacts, before: DatasetFacts, release: string): string[] {
  const sentences = [volume(now.interactions, before.interactions, release)];
  if (now.sketch !== undefined && before.sketch !== undefined) {
    sentences.push(
      unseen(now.sketch.itemSample, before.sketch.itemSample, release),
      values(now.sketch.values, before.sketch.values, release),
    );
  }
  return sentences.filter((sentence) => sentence !== undefined);
}

function volume(now: number, before: number, release: string): string | undefined {
  const shrunk = now < LEAST_VOLUME * before;
  const swollen = before >= YOUNG_VOLUME && now > MOST_VOLUME * before;
  if (!shrunk && !swollen) return undefined;
  const limit = shrunk ? `less than ${percent(LEAST_VOLUME)}` : `over ${MOST_VOLUME} times`;
  const cause = shrunk ? "events are missing" : "events came in more than once";
  return (
    `There are ${count(now)} interactions, ${limit} of the ${count(before)} that ${release} learned ` +
    `from. Look whether ${cause}.`
  );
}

function unseen(now: string, before: string, release: string): string | undefined {
  const share = unseenShare(now, before);
  if (share <= UNSEEN_ITEMS) return undefined;
  return (
    `About ${percent(share)} of the items were unknown to ${release} (at most ` +
    `${percent(UNSEEN_ITEMS)} are expected). Look whether item ids are written in another way.`
  );
}

/**
 * Estimated share of items that are not among the earlier ones. Both samples are the lowest hashes of
 * their items, so that up to the lower of their two ends both are complete.
 */
export function unseenShare(now: string, before: string): number {
  const [own, earlier] = [hashesOf(now), hashesOf(before)];
  const end = Math.min(endOf(own), endOf(earlier));
  const known = new Set(earlier);
  const comparable = own.filter((hash) => hash <= end);
  if (comparable.length === 0) return 0;
  return comparable.filter((hash) => !known.has(hash)).length / comparable.length;
}

function hashesOf(sample: string): number[] {
  return Array.from({ length: sample.length / 8 }, (_, at) =>
    Number.parseInt(sample.slice(8 * at, 8 * at + 8), 16),
  );
}

/** Up to where a sample has every item: everywhere, when it did not fill up. */
function endOf(hashes: readonly number[]): number {
  return hashes.length < SAMPLED_ITEMS ? Number.POSITIVE_INFINITY : hashes.at(-1)!;
}

function values(
  now: readonly number[],
  before: readonly number[],
  release: string,
): string | undefined {
  const [own, earlier] = [total(now), total(before)];
  if (own === 0 || earlier === 0) return undefined;
  // Two samples of one population differ by this much on average.
  const chance = (now.length - 1) * (1 / own + 1 / earlier);
  const index = stabilityIndex(now, before);
  if (index <= VALUE_DRIFT + chance) return undefined;
  return (
    `Ratings are distributed otherwise than those ${release} learned from: stability index ` +
    `${index.toFixed(2)}, at most ${(VALUE_DRIFT + chance).toFixed(2)} is expected; the mean went from ` +
    `${mean(before)} to ${mean(now)}. Look whether the scale or the source of ratings has changed.`
  );
}

/** Mean rating of a sketch's values, in words. */
function mean(counts: readonly number[]): string {
  const rated = total(counts) - counts[0]!;
  const sum = counts.reduce((all, count, bin) => all + (count * bin) / 2, 0);
  return rated === 0 ? "no ratings" : (sum / rated).toFixed(2);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
