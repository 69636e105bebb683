import { readFile } from "node:fs/promises";
import path from "node:path";
import { CatalogueView } from "../release/catalogue.ts";
import { UsherError } from "../release/error.ts";
import { hashId } from "../release/hash.ts";
import { catalogueKey, manifestKey, releasePrefix, shardKey } from "../release/keys.ts";
import { type Manifest, parseManifest } from "../release/manifest.ts";
import { ShardView, shardOf } from "../release/shard.ts";
import type { Surroundings } from "./surroundings.ts";

type Place = Pick<Surroundings, "home" | "kv">;

/** The lists of one release, from its directory here, or else from Workers KV. */
export class ReleaseLists {
  readonly release: string;
  readonly #place: Place;
  readonly #manifest: Manifest;
  readonly #catalogue: CatalogueView;
  readonly #shards = new Map<number, Promise<ShardView>>();

  private constructor(place: Place, manifest: Manifest, catalogue: CatalogueView) {
    this.release = manifest.release;
    this.#place = place;
    this.#manifest = manifest;
    this.#catalogue = catalogue;
  }

  /** @throws UsherError `RELEASE_UNKNOWN` when it is in neither place. */
  static async open(place: Place, release: string): Promise<ReleaseLists> {
    const bytes = await readValue(place, release, manifestKey(release));
    const manifest = parseManifest(new TextDecoder().decode(bytes));
    const catalogue = await readValue(place, release, catalogueKey(release));
    return new ReleaseLists(place, manifest, CatalogueView.from(catalogue));
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
    const opened = this.#shards.get(number) ?? this.#open(number);
    this.#shards.set(number, opened);
    return opened;
  }

  async #open(number: number): Promise<ShardView> {
    const key = shardKey(this.release, number);
    return ShardView.from(await readValue(this.#place, this.release, key));
  }
}

async function readValue({ home, kv }: Place, release: string, key: string): Promise<ArrayBuffer> {
  const name = key.slice(releasePrefix(release).length);
  const file = name === "manifest" ? "manifest.json" : path.join("values", name);
  const bytes = await readFile(path.join(home.releases, release, file)).catch(() => null);
  if (bytes !== null) return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const value = await kv.read(key);
  if (value !== null) return value;
  throw new UsherError(
    "RELEASE_UNKNOWN",
    `There is no ${name} of release "${release}" in ${home.releases} or in Workers KV. "usher releases" lists those there are.`,
  );
}
