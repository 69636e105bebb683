import type { Profile } from "../../release/encode.ts";
import { weightOfFreshRating } from "../../release/rating-weight.ts";
import type { Scan } from "../../release/scan.ts";
import type { Asked, Degradations } from "./recommendations.ts";
import type { ServedRelease } from "./served-release.ts";

/** What somebody did with an item; `value` in 0.5..5, or null for an interaction without a rating. */
export interface Interaction {
  readonly itemId: string;
  readonly value: number | null;
}

/** What a user did since the release learned: it stands before what the release knows. */
export interface FreshInteractions {
  readonly interactions: readonly Interaction[];
  /** Items taken back: as if never seen. */
  readonly removed: readonly string[];
}

/** As much of a user's taste as could be had. */
export interface KnownTaste {
  readonly scan: Scan | null;
  /** Null when nothing is known of the user, or it could not be read. */
  readonly profile: Profile | null;
}

/** Reads model and profile of a user, both at once; what cannot be read is named and left out. */
export async function readTaste(
  asked: Asked,
  release: ServedRelease,
  userId: string,
  fresh: FreshInteractions | null,
  degradations: Degradations,
): Promise<KnownTaste> {
  const { store, waitUntil } = asked;
  const noted = async <T>(layer: string, read: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      degradations.add(layer, error);
      return null;
    }
  };
  const [scan, stored] = await Promise.all([
    readScan(asked, release, degradations),
    noted("profile", () => store.profile(release, userId, waitUntil)),
  ]);
  const profile = fresh === null ? stored : merged(release, stored, fresh);
  return { scan, profile };
}

/** The release's model, or null when it has none or it cannot be read, which is named. */
export async function readScan(
  { store, waitUntil }: Asked,
  release: ServedRelease,
  degradations: Degradations,
): Promise<Scan | null> {
  // The bundle's own list comes without a model, and the answer says already that it is degraded.
  if (release.manifest === null) return null;
  try {
    return await store.scan(release, waitUntil);
  } catch (error) {
    degradations.add("model", error);
    return null;
  }
}

/** Interactions as a profile of a release's items, and the ids that it does not have. */
export function profileOf(
  release: ServedRelease,
  interactions: readonly Interaction[],
): { profile: Profile; unknown: string[] } {
  const weights = new Map<number, number>();
  const unknown: string[] = [];
  for (const { itemId, value } of interactions) {
    const index = release.catalogue.indexOf(itemId);
    if (index < 0) unknown.push(itemId);
    else weights.set(index, weightOfFreshRating(value));
  }
  const profile = { items: [...weights.keys()], weights: [...weights.values()] };
  return { profile, unknown };
}

function merged(release: ServedRelease, stored: Profile | null, fresh: FreshInteractions): Profile {
  const removed = new Set(fresh.removed.map((itemId) => release.catalogue.indexOf(itemId)));
  const weights = new Map<number, number>();
  for (let at = 0; at < (stored?.items.length ?? 0); at++) {
    const item = stored!.items[at]!;
    if (!removed.has(item)) weights.set(item, stored!.weights[at]!);
  }
  const { profile } = profileOf(release, fresh.interactions);
  for (let at = 0; at < profile.items.length; at++) {
    weights.set(profile.items[at]!, profile.weights[at]!);
  }
  return { items: [...weights.keys()], weights: [...weights.values()] };
}
