/** Pairs of panel and user, collected in any order and given back in the order of panels. */
export class PanelPairs {
  readonly #starts: Uint32Array;
  #pairs = new Uint32Array(1024);
  #sorted = new Uint32Array(1024);
  #count = 0;

  constructor(panels: number) {
    this.#starts = new Uint32Array(panels + 1);
  }

  add(panel: number, user: number): void {
    if (2 * this.#count === this.#pairs.length) this.#grow();
    this.#pairs[2 * this.#count] = panel;
    this.#pairs[2 * this.#count + 1] = user;
    this.#count++;
    this.#starts[panel + 1]!++;
  }

  /** Calls back for every pair, panels ascending, and forgets them. */
  drain(visit: (panel: number, user: number) => void): void {
    const starts = this.#starts;
    const pairs = this.#pairs;
    const sorted = this.#sorted;
    const count = this.#count;
    for (let panel = 1; panel < starts.length; panel++) starts[panel]! += starts[panel - 1]!;
    for (let at = 0; at < count; at++) {
      const place = starts[pairs[2 * at]!]!++;
      sorted[2 * place] = pairs[2 * at]!;
      sorted[2 * place + 1] = pairs[2 * at + 1]!;
    }
    starts.fill(0);
    this.#count = 0;
    for (let at = 0; at < count; at++) visit(sorted[2 * at]!, sorted[2 * at + 1]!);
  }

  #grow(): void {
    const pairs = new Uint32Array(2 * this.#pairs.length);
    pairs.set(this.#pairs);
    this.#pairs = pairs;
    this.#sorted = new Uint32Array(pairs.length);
  }
}
