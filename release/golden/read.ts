/** Everything a reader gets out of a value, as plain JSON: what `<name>.read.json` holds. */
import { CatalogueView } from "../catalogue.ts";
import { hashId } from "../hash.ts";
import { ModelView } from "../model.ts";
import { armOf, parsePointer } from "../pointer.ts";
import { ProfileShardView } from "../profiles.ts";
import { ShardView } from "../shard.ts";
import { SAMPLE_HASH_SEED, SAMPLE_USERS } from "./samples.ts";

/** Reads a binary value of any kind, told apart by its magic. */
export function readBinary(buffer: ArrayBuffer, options?: { verify: boolean }): unknown {
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, Math.min(4, buffer.byteLength)));
  if (magic === "USHC") return readCatalogue(CatalogueView.from(buffer, options));
  if (magic === "USHM") return readModel(ModelView.from(buffer, options));
  if (magic === "USHP") return readProfiles(ProfileShardView.from(buffer, options));
  return readShard(ShardView.from(buffer, options));
}

function readCatalogue(view: CatalogueView) {
  return {
    items: Array.from({ length: view.length }, (_, index) => ({
      itemId: view.id(index),
      title: view.title(index),
      categories: view.categories(index),
      popularity: view.popularity(index),
      year: view.year(index) ?? null,
      indexOf: view.indexOf(view.id(index)),
    })),
    popular: [...view.popular(view.length)],
    indexOfUnknown: view.indexOf("unknown"),
  };
}

function readShard(view: ShardView) {
  const lists = SAMPLE_USERS.map((user) => {
    const row = view.find(hashId(user, SAMPLE_HASH_SEED));
    if (row < 0) return [user, null];
    const items = view.items(row);
    return [user, Array.from(items, (item, at) => ({ item, score: view.score(row, at) }))];
  });
  return { users: view.users, lists: Object.fromEntries(lists) };
}

function readProfiles(view: ProfileShardView) {
  const profiles = SAMPLE_USERS.map((user) => {
    const row = view.find(hashId(user, SAMPLE_HASH_SEED));
    if (row < 0) return [user, null];
    const { items, weights } = view.profile(row);
    return [user, Array.from(items, (item, at) => ({ item, weight: weights[at] }))];
  });
  return { users: view.users, profiles: Object.fromEntries(profiles) };
}

function readModel(view: ModelView) {
  const { items, dimensions, linear, hidden, sharpness } = view;
  const { rows, scales, inputs, stretch, centres, mixing } = view;
  const arrays = { rows, scales, inputs, stretch, centres, mixing };
  const listed = Object.entries(arrays).map(([name, values]) => [name, [...values]]);
  return { items, dimensions, linear, hidden, sharpness, ...Object.fromEntries(listed) };
}

/** Reads a pointer, and whom it sends where. */
export function readPointer(text: string): unknown {
  const pointer = parsePointer(text);
  const users = Array.from({ length: 12 }, (_, user) => `user-${user}`);
  return { pointer, arms: Object.fromEntries(users.map((user) => [user, armOf(pointer, user)])) };
}
