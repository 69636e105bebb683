import { ReleaseLists } from "../../local/release-lists.ts";
import type { KvStore } from "../../sync/kv/store.ts";

/** What a right answer may hold, by what the release that gave it has in KV. */
export interface Released {
  readonly lists: ReleaseLists;
  /** Ids of the whole catalogue. */
  readonly itemIds: ReadonlySet<string>;
}

/** Reads releases once each, when an answer first names them. */
export class ReleasedListsReader {
  readonly #kv: KvStore;
  readonly #read = new Map<string, Promise<Released>>();

  constructor(kv: KvStore) {
    this.#kv = kv;
  }

  of(release: string): Promise<Released> {
    const known = this.#read.get(release) ?? this.#open(release);
    this.#read.set(release, known);
    return known;
  }

  async #open(release: string): Promise<Released> {
    const lists = await ReleaseLists.open(async (key) => {
      const value = await this.#kv.read(key);
      if (value === null) throw new Error(`KV has no ${key}`);
      return value;
    }, release);
    return { lists, itemIds: lists.itemIds() };
  }
}
