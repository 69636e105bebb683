/** Bytes of one list's text and of what holds it, about: 20 ids, an array, an entry. */
const ABOUT_BYTES = 400;
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_LISTS = MOST_BYTES / ABOUT_BYTES;
/** Half of them at a time: the older half goes when the younger is full. */
const GENERATION = MOST_LISTS / 2;

const encoder = new TextEncoder();

/**
 * Lists of one release as the bytes that were last sent, by user: a few people ask most often, and a
 * body of bytes costs workerd less than a string, which it has to encode each time.
 */
export class WrittenLists {
  #young = new Map<string, Uint8Array<ArrayBuffer>>();
  #old = new Map<string, Uint8Array<ArrayBuffer>>();

  get(userId: string): Uint8Array<ArrayBuffer> | undefined {
    const young = this.#young.get(userId);
    if (young !== undefined) return young;
    const old = this.#old.get(userId);
    if (old !== undefined) this.#keep(userId, old);
    return old;
  }

  /** Keeps a list's text and gives it as bytes, which must not be changed. */
  set(userId: string, text: string): Uint8Array<ArrayBuffer> {
    const bytes = encoder.encode(text);
    this.#keep(userId, bytes);
    return bytes;
  }

  #keep(userId: string, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(userId, bytes);
  }
}
