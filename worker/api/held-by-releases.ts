import { Problem } from "./problem.ts";
import type { Asked } from "./recommendations.ts";

/** What one release holds about a user. */
interface HeldByRelease {
  readonly release: string;
  /** The list made for them, best first; null when it has none. */
  readonly list: readonly { readonly itemId: string; readonly score: number }[] | null;
  /** What it knows of them: items, and the weight of each; null when nothing. */
  readonly profile: readonly { readonly itemId: string; readonly weight: number }[] | null;
}

/**
 * What the releases that serve, and the one before, hold about a user: whichever of them would answer,
 * and whichever a rollback brings back. None before the first activation.
 *
 * @throws Problem 503 when KV cannot be read: half of a record must not pass for the whole.
 */
export async function heldByReleases(asked: Asked, userId: string): Promise<HeldByRelease[]> {
  return heldByAll(asked, userId).catch((error: Error) => {
    throw new Problem(
      503,
      "RELEASES_UNREACHABLE",
      `What the releases hold about this user cannot be read just now (${error.message}). Ask again.`,
      { headers: { "retry-after": "2" } },
    );
  });
}

async function heldByAll(asked: Asked, userId: string): Promise<HeldByRelease[]> {
  const { store, waitUntil } = asked;
  const pointer = await store.pointer(waitUntil);
  if (pointer === null) return [];
  const serving = pointer.arms.map(({ release }) => release);
  const ids = new Set(pointer.previous === null ? serving : [...serving, pointer.previous]);
  return Promise.all([...ids].map((id) => heldBy(asked, id, userId)));
}

async function heldBy({ store, waitUntil }: Asked, id: string, userId: string) {
  const release = await store.release(id, waitUntil);
  const { catalogue } = release;
  const [list, profile] = await Promise.all([
    store.list(release, userId, waitUntil),
    store.profile(release, userId, waitUntil),
  ]);
  return {
    release: id,
    list:
      list === null
        ? null
        : Array.from(list.shard.items(list.row), (index, position) => ({
            itemId: catalogue.id(index),
            score: list.shard.score(list.row, position),
          })),
    profile:
      profile === null
        ? null
        : Array.from(profile.items, (index, position) => ({
            itemId: catalogue.id(index),
            weight: profile.weights[position] ?? 0,
          })),
  };
}
