/** What is kept of a cache by names of one's own; the bound is that of the whole. */
export interface ByteBoundedPart<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value, bytes: number): void;
  /** A part of it with keys of its own. @param named what a key is called in here. */
  part(named: (key: string) => string): ByteBoundedPart<Value>;
}

/** A least-recently-used cache bounded by the bytes its values occupy. */
export class ByteBoundedCache<Value> implements ByteBoundedPart<Value> {
  readonly #limit: number;
  readonly #entries = new Map<string, { value: Value; bytes: number }>();
  #bytes = 0;

  /** @param limit bytes that all values together may occupy. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // A Map keeps insertion order: moving a used entry to the end makes the first the oldest.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value, letting the least recently used go until it fits; one over the limit is not kept. */
  set(key: string, value: Value, bytes: number): void {
    const before = this.#entries.get(key);
    if (before !== undefined) {
      this.#bytes -= before.bytes;
      this.#entries.delete(key);
    }
    if (bytes > this.#limit) return;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes + bytes <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
  }

  part(named: (key: string) => string): ByteBoundedPart<Value> {
    return {
      get: (key) => this.get(named(key)),
      set: (key, value, bytes) => this.set(named(key), value, bytes),
      part: (inner) => this.part((key) => named(inner(key))),
    };
  }
}
