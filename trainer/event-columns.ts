/**
 * Events held as columns: 20 bytes a row however long its ids, so that 25 million rows take half a
 * gigabyte. Columns grow by chunks, which are never copied.
 */
const CHUNK = 1 << 20;

interface Chunk {
  user: Uint32Array;
  item: Uint32Array;
  time: Float64Array;
  value: Float32Array;
}

/** Value of a row that carries interest without a rating. */
export const IMPLICIT = Number.NaN;
/** Value of a row that takes back what its user and item had before it. */
export const REMOVAL = -1;

export function isRemoval(value: number): boolean {
  return value === REMOVAL;
}

/** Ids interned once: string to dense number, in order of first appearance. */
export class IdTable {
  readonly ids: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of `id`, given out now if it is new. */
  intern(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.ids.length;
    this.#numbers.set(id, number);
    this.ids.push(id);
    return number;
  }
}

/** Append-only columns user, item, time (epoch ms), value (rating, `IMPLICIT` or `REMOVAL`). */
export class EventColumns {
  readonly users = new IdTable();
  readonly items = new IdTable();
  readonly #chunks: Chunk[] = [];
  #length = 0;
  #hasRemovals = false;

  get hasRemovals(): boolean {
    return this.#hasRemovals;
  }

  get length(): number {
    return this.#length;
  }

  append(userId: string, itemId: string, time: number, value: number): void {
    const at = this.#length % CHUNK;
    if (at === 0) this.#chunks.push(emptyChunk());
    const chunk = this.#chunks[this.#chunks.length - 1]!;
    chunk.user[at] = this.users.intern(userId);
    chunk.item[at] = this.items.intern(itemId);
    chunk.time[at] = time;
    chunk.value[at] = value;
    if (value === REMOVAL) this.#hasRemovals = true;
    this.#length++;
  }

  user(row: number): number {
    return this.#chunks[Math.floor(row / CHUNK)]!.user[row % CHUNK]!;
  }

  item(row: number): number {
    return this.#chunks[Math.floor(row / CHUNK)]!.item[row % CHUNK]!;
  }

  time(row: number): number {
    return this.#chunks[Math.floor(row / CHUNK)]!.time[row % CHUNK]!;
  }

  value(row: number): number {
    return this.#chunks[Math.floor(row / CHUNK)]!.value[row % CHUNK]!;
  }

  /** Row numbers grouped by user, in order of arrival within a user (a counting sort). */
  rowsByUser(): { offsets: Uint32Array; rows: Uint32Array } {
    const users = this.users.ids.length;
    const offsets = new Uint32Array(users + 1);
    for (let row = 0; row < this.#length; row++) offsets[this.user(row) + 1]!++;
    for (let user = 0; user < users; user++) offsets[user + 1]! += offsets[user]!;
    const next = offsets.slice(0, users);
    const rows = new Uint32Array(this.#length);
    for (let row = 0; row < this.#length; row++) rows[next[this.user(row)]!++] = row;
    return { offsets, rows };
  }
}

function emptyChunk(): Chunk {
  return {
    user: new Uint32Array(CHUNK),
    item: new Uint32Array(CHUNK),
    time: new Float64Array(CHUNK),
    value: new Float32Array(CHUNK),
  };
}
