/**
 * Re-ranking for diversity: a list that gives up a little score so that its items differ. Off unless
 * asked for. Both ways take the best candidates in order and never make a list shorter.
 */

/** An item that may be shown; candidates come best first. */
export interface Candidate {
  readonly item: number;
  readonly score: number;
}

/** How alike two items are: 1 the same, 0 unrelated; negative values count as unlike. */
export type Similarity = (a: number, b: number) => number;

export interface DiversityOptions {
  /** 1 keeps the order of scores, 0 looks at difference alone. */
  readonly lambda: number;
  /** Items to return, at most. */
  readonly limit: number;
}

/**
 * Maximal marginal relevance (Carbonell & Goldstein 1998, SIGIR, eq. 1): takes, one after another,
 * the candidate with the largest lambda * relevance - (1 - lambda) * (similarity to the most similar
 * item already taken).
 *
 * Relevance is the score between the worst (0) and the best (1) candidate, so that a lambda means the
 * same for every model. Ties go to the earlier candidate. The cost is candidates x limit similarities.
 */
export function rerankForDiversity<C extends Candidate>(
  candidates: readonly C[],
  similarity: Similarity,
  { lambda, limit }: DiversityOptions,
): C[] {
  const relevance = relevanceOf(candidates);
  const closest = new Float64Array(candidates.length).fill(Number.NEGATIVE_INFINITY);
  const left = candidates.map((_, at) => at);
  const taken: C[] = [];
  while (taken.length < limit && left.length > 0) {
    const gain = (at: number) =>
      lambda * relevance[at]! - (taken.length === 0 ? 0 : (1 - lambda) * closest[at]!);
    let best = 0;
    for (let place = 1; place < left.length; place++) {
      if (gain(left[place]!) > gain(left[best]!)) best = place;
    }
    const [at] = left.splice(best, 1);
    const chosen = candidates[at!]!;
    taken.push(chosen);
    for (const other of left) {
      const alike = similarity(chosen.item, candidates[other]!.item);
      if (alike > closest[other]!) closest[other] = alike;
    }
  }
  return taken;
}

function relevanceOf(candidates: readonly Candidate[]): Float64Array {
  const scores = candidates.map(({ score }) => score);
  const highest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const lowest = scores.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const span = highest - lowest;
  return Float64Array.from(scores, (score) => (span > 0 ? (score - lowest) / span : 1));
}

export interface CategoryLimit {
  /** Items of one category among `window` items in a row, at most. */
  readonly most: number;
  readonly window: number;
  /** Items to return, at most. */
  readonly limit: number;
}

/**
 * The best candidates so that no category has more than `most` among `window` items in a row.
 *
 * An item with several categories counts for each. Where no candidate fits, the best one left is
 * taken all the same: a rule about variety must not empty a list.
 */
export function limitPerCategory<C extends Candidate>(
  candidates: readonly C[],
  categoriesOf: (item: number) => readonly string[],
  { most, window, limit }: CategoryLimit,
): C[] {
  const left = [...candidates];
  const taken: C[] = [];
  while (taken.length < limit && left.length > 0) {
    const recent = window > 1 ? taken.slice(-(window - 1)) : [];
    const counts = new Map<string, number>();
    for (const { item } of recent) {
      for (const category of categoriesOf(item)) {
        counts.set(category, (counts.get(category) ?? 0) + 1);
      }
    }
    const fits = ({ item }: C) =>
      categoriesOf(item).every((category) => (counts.get(category) ?? 0) < most);
    const place = Math.max(0, left.findIndex(fits));
    taken.push(...left.splice(place, 1));
  }
  return taken;
}

/**
 * The cosine of two item rows (items x dimensions, row-major). A scale a row cancels out, so
 * quantised rows serve as they are.
 */
export function cosineOfRows(rows: Float32Array | Int8Array, dimensions: number): Similarity {
  return (a, b) => {
    let product = 0;
    let lengthA = 0;
    let lengthB = 0;
    for (let d = 0; d < dimensions; d++) {
      const x = rows[a * dimensions + d]!;
      const y = rows[b * dimensions + d]!;
      product += x * y;
      lengthA += x * x;
      lengthB += y * y;
    }
    const lengths = Math.sqrt(lengthA * lengthB);
    return lengths > 0 ? product / lengths : 0;
  };
}
