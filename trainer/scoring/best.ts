/** The best of what comes by, in order, in place. */

/** A list of at most `length` items by descending score; of equal scores the lower item is first. */
export class Best {
  readonly items: Uint32Array;
  readonly scores: Float32Array;
  count = 0;

  constructor(length: number) {
    this.items = new Uint32Array(length);
    this.scores = new Float32Array(length);
  }

  /** The score of the last place; -Infinity while the list is not full. */
  get last(): number {
    return this.count < this.scores.length
      ? Number.NEGATIVE_INFINITY
      : this.scores[this.count - 1]!;
  }

  /** Puts an item into its place, if it has one. */
  offer(item: number, score: number): void {
    const { items, scores } = this;
    let at = this.count;
    if (at === scores.length) {
      at--;
      if (!this.#isBefore(item, score, at)) return;
    } else {
      this.count++;
    }
    for (; at > 0 && this.#isBefore(item, score, at - 1); at--) {
      items[at] = items[at - 1]!;
      scores[at] = scores[at - 1]!;
    }
    items[at] = item;
    scores[at] = score;
  }

  #isBefore(item: number, score: number, at: number): boolean {
    const other = this.scores[at]!;
    return score > other || (score === other && item < this.items[at]!);
  }
}
