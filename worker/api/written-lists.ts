/** What a list takes beside its id and its text: an array, an entry of a map. */
const BESIDE_BYTES = 200;
/** Half of what is kept: the older half goes when the younger is full. */
const GENERATION_BYTES = 2 * 1024 * 1024;

const encoder = new TextEncoder();

/**
 * Lists of one release as the bytes that were last sent, by user: a few people ask most often, and a
 * body of bytes costs workerd less than a string, which it has to encode each time.
 */
export class WrittenLists {
  #young = new Map<string, Uint8Array>();
  #old = new Map<string, Uint8Array>();
  #youngBytes = 0;

  get(userId: string): Uint8Array | undefined {
    const young = this.#young.get(userId);
    if (young !== undefined) return young;
    const old = this.#old.get(userId);
    if (old !== undefined) this.#keep(userId, old);
    return old;
  }

  /** Keeps a list's text and gives it as bytes, which must not be changed. */
  set(userId: string, text: string): Uint8Array {
    const bytes = encoder.encode(text);
    this.#keep(userId, bytes);
    return bytes;
  }

  #keep(userId: string, bytes: Uint8Array): void {
    if (this.#youngBytes >= GENERATION_BYTES) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#youngBytes += userId.length + bytes.length + BESIDE_BYTES;
    this.#young.set(userId, bytes);
  }
}
