import type { Similarity } from "../../release/rerank.ts";
import type { Scan } from "../../release/scan.ts";
import { topK } from "../../release/topk.ts";
import type { ItemFilter } from "./filter.ts";
import type { RankedItem } from "./recommendations.ts";

/**
 * Items as vectors: their rows, each coordinate by its stretch as in a score. Lengths are computed
 * when first asked for.
 */
class ItemVectors {
  readonly #scan: Scan;
  readonly #lengths: Float32Array;

  constructor(scan: Scan) {
    this.#scan = scan;
    this.#lengths = new Float32Array(scan.model.items).fill(Number.NaN);
  }

  /** Length of an item's vector, in units of its row's scale. */
  length(item: number): number {
    const known = this.#lengths[item]!;
    if (!Number.isNaN(known)) return known;
    const length = Math.sqrt(this.product(item, item));
    this.#lengths[item] = length;
    return length;
  }

  /** Product of two items' vectors, in units of their rows' scales. */
  product(a: number, b: number): number {
    const { rows, stretch, dimensions } = this.#scan.model;
    let sum = 0;
    for (let d = 0; d < dimensions; d++) {
      sum += rows[a * dimensions + d]! * rows[b * dimensions + d]! * stretch[d]! ** 2;
    }
    return sum;
  }

  /** The user vector whose scores are the products of all items with this one. */
  asUser(item: number): Float32Array {
    const { rows, stretch, dimensions } = this.#scan.model;
    const start = item * dimensions;
    return Float32Array.from({ length: dimensions }, (_, d) => rows[start + d]! * stretch[d]! ** 2);
  }
}

const known = new WeakMap<Scan, ItemVectors>();

function vectorsOf(scan: Scan): ItemVectors {
  const vectors = known.get(scan) ?? new ItemVectors(scan);
  known.set(scan, vectors);
  return vectors;
}

/** The cosine of two items' vectors: 1 the same, 0 unrelated. */
export function similarityOf(scan: Scan): Similarity {
  const vectors = vectorsOf(scan);
  return (a, b) => {
    const lengths = vectors.length(a) * vectors.length(b);
    return lengths > 0 ? vectors.product(a, b) / lengths : 0;
  };
}

/** The items whose vectors point most in the direction of this one's, by their cosine. */
export function similarItems(
  scan: Scan,
  item: number,
  filter: ItemFilter,
  count: number,
): RankedItem[] {
  const { scales, items } = scan.model;
  const vectors = vectorsOf(scan);
  const products = scan.score(vectors.asUser(item));
  for (let other = 0; other < items; other++) {
    const shown = other !== item && filter.allows(other);
    const length = shown ? vectors.length(item) * vectors.length(other) * scales[other]! : 0;
    products[other] = length > 0 ? products[other]! / length : Number.NEGATIVE_INFINITY;
  }
  const best = topK(products, Math.min(count, items));
  return Array.from(best.items, (index, at) => ({ index, score: best.scores[at]! }));
}
