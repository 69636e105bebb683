import type { WaitUntil } from "./deadline.ts";

/**
 * A mutable key of KV as this isolate holds it: used as it is when stale, and read again behind the
 * answer.
 */
export class RefreshedKey<Value> {
  readonly #read: () => Promise<Value | null>;
  readonly #refreshMs: number;
  #value: Value | null = null;
  #readAt = 0;

  /**
   * @param read reads and parses the key; null when it is not there, which is not kept.
   * @param refreshMs age at which a value is read again, in milliseconds.
   */
  constructor(read: () => Promise<Value | null>, refreshMs: number) {
    this.#read = read;
    this.#refreshMs = refreshMs;
  }

  /** The value that this isolate holds, or null. */
  held(waitUntil: WaitUntil): Value | null {
    const now = Date.now();
    if (this.#value !== null && now - this.#readAt > this.#refreshMs) {
      // Claimed before the read, so that a hundred requests at once do not all refresh.
      this.#readAt = now;
      waitUntil(this.fetch().catch(logged));
    }
    return this.#value;
  }

  /** Reads the key now. */
  async fetch(): Promise<Value | null> {
    const value = await this.#read();
    if (value === null) return null;
    this.#value = value;
    this.#readAt = Date.now();
    return value;
  }
}

function logged(error: unknown): void {
  console.error(JSON.stringify({ refresh: "failed", error: (error as Error).message }));
}
