import type { Scan } from "../../release/scan.ts";
import { topK } from "../../release/topk.ts";
import type { ItemFilter } from "./filter.ts";
import type { RankedItem } from "./recommendations.ts";

/** Lengths of the rows' bytes, by model: computed once a model, about 5 ms for 20,000 items. */
const lengths = new WeakMap<Scan, Float32Array>();

/**
 * The items whose rows point most in the direction of this one's: the cosine of the model's item
 * vectors, 1 the same and 0 unrelated.
 */
export function similarItems(
  scan: Scan,
  item: number,
  filter: ItemFilter,
  count: number,
): RankedItem[] {
  const { rows, scales, dimensions, items } = scan.model;
  const row = Float32Array.from(rows.subarray(item * dimensions, (item + 1) * dimensions));
  const products = scan.score(row);
  const known = lengths.get(scan) ?? rowLengths(scan);
  lengths.set(scan, known);
  for (let other = 0; other < items; other++) {
    const length = known[item]! * known[other]! * scales[other]!;
    const shown = other !== item && length > 0 && filter.allows(other);
    products[other] = shown ? products[other]! / length : Number.NEGATIVE_INFINITY;
  }
  const best = topK(products, Math.min(count, items));
  return Array.from(best.items, (index, at) => ({ index, score: best.scores[at]! }));
}

function rowLengths({ model: { rows, items, dimensions } }: Scan): Float32Array {
  const found = new Float32Array(items);
  for (let item = 0; item < items; item++) {
    let square = 0;
    const end = (item + 1) * dimensions;
    for (let at = item * dimensions; at < end; at++) square += rows[at]! ** 2;
    found[item] = Math.sqrt(square);
  }
  return found;
}
