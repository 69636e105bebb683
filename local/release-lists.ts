import { CatalogueView } from "../release/catalogue.ts";
import { hashId } from "../release/hash.ts";
import { catalogueKey, manifestKey, shardKey } from "../release/keys.ts";
import { type Manifest, parseManifest } from "../release/manifest.ts";
import { ShardView, shardOf } from "../release/shard.ts";

/** Gives the value of a full key, wherever the release lies; rejects when there is none. */
export type ReadValue = (key: string) => Promise<ArrayBuffer>;

/**
 * What one release has for anybody, read by FORMAT.md beside the Worker's own reader. Shards are read
 * when they are first asked for, once each.
 */
export class ReleaseLists {
  readonly release: string;
  readonly #read: ReadValue;
  readonly #manifest: Manifest;
  readonly #catalogue: CatalogueView;
  readonly #shards = new Map<number, Promise<ShardView>>();

  private constructor(read: ReadValue, manifest: Manifest, catalogue: CatalogueView) {
    this.release = manifest.release;
    this.#read = read;
    this.#manifest = manifest;
    this.#catalogue = catalogue;
  }

  /** Rejects when `read` does. */
  static async open(read: ReadValue, release: string): Promise<ReleaseLists> {
    const manifest = parseManifest(new TextDecoder().decode(await read(manifestKey(release))));
    const catalogue = CatalogueView.from(await read(catalogueKey(release)));
    return new ReleaseLists(read, manifest, catalogue);
  }

  /** Ids of the whole catalogue. */
  itemIds(): Set<string> {
    const { length } = this.#catalogue;
    return new Set(Array.from({ length }, (_, item) => this.#catalogue.id(item)));
  }

  /** Item ids, best first; null for a user without a list. */
  async listOf(userId: string): Promise<string[] | null> {
    const { hashSeed, shardCount } = this.#manifest.lists;
    const hash = hashId(userId, hashSeed);
    const shard = await this.#shard(shardOf(hash, shardCount));
    const row = shard.find(hash);
    if (row < 0) return null;
    return Array.from(shard.items(row), (item) => this.#catalogue.id(item));
  }

  #shard(number: number): Promise<ShardView> {
    const opened =
      this.#shards.get(number) ?? this.#read(shardKey(this.release, number)).then(ShardView.from);
    this.#shards.set(number, opened);
    return opened;
  }
}
