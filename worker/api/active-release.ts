import { armOf, type Pointer } from "../../release/pointer.ts";
import type { EdgeStore, MaybePromise, WaitUntil } from "./edge-store.ts";
import { fallbackRelease } from "./fallback-list.ts";
import { Problem } from "./problem.ts";
import type { ServedRelease } from "./served-release.ts";

/** The release that answers, and why it is not the one that should, if so. */
export interface ActiveRelease {
  readonly release: ServedRelease;
  readonly degraded: unknown;
}

/**
 * The release that serves this user; at once when this isolate holds it.
 *
 * @throws Problem 503 before the first activation, or when neither KV nor the bundle has a release.
 */
export async function activeRelease(
  store: EdgeStore,
  userId: string,
  waitUntil: WaitUntil,
): Promise<ServedRelease> {
  return (await releaseFor(store, userId, waitUntil)).release;
}

/** The same with what went wrong on the way: the previous release, else the bundle's own list. */
export function releaseFor(
  store: EdgeStore,
  userId: string,
  waitUntil: WaitUntil,
): MaybePromise<ActiveRelease> {
  const pointer = store.pointer(waitUntil);
  if (pointer instanceof Promise) {
    return pointer.then(
      (read) => releaseBehind(store, read, userId, waitUntil),
      (error) => fallback(error),
    );
  }
  return releaseBehind(store, pointer, userId, waitUntil);
}

function releaseBehind(
  store: EdgeStore,
  pointer: Pointer | null,
  userId: string,
  waitUntil: WaitUntil,
): MaybePromise<ActiveRelease> {
  if (pointer === null) return beforeTheFirst();
  const release = store.release(armOf(pointer, userId), waitUntil);
  if (!(release instanceof Promise)) return { release, degraded: null };
  return release.then(
    (read) => ({ release: read, degraded: null }),
    (error) => previous(store, pointer, error, waitUntil),
  );
}

/** A release that cannot be read gives way to the one that served before it. */
async function previous(
  store: EdgeStore,
  pointer: Pointer,
  error: unknown,
  waitUntil: WaitUntil,
): Promise<ActiveRelease> {
  if (pointer.previous === null) return fallback(error);
  try {
    return { release: await store.release(pointer.previous, waitUntil), degraded: error };
  } catch {
    return fallback(error);
  }
}

function fallback(error: unknown): ActiveRelease {
  const release = fallbackRelease();
  if (release !== null) return { release, degraded: error };
  const why = error instanceof Error ? error.message : String(error);
  throw new Problem(
    503,
    "RELEASES_UNREACHABLE",
    `No release can be read just now (${why}), and this Worker was deployed without a fallback list. Ask again.`,
    { headers: { "retry-after": "2" } },
  );
}

/** A bundle with a list was deployed while something served: then a pointer that is gone is a fault. */
function beforeTheFirst(): ActiveRelease {
  const release = fallbackRelease();
  if (release !== null) return { release, degraded: new Error("KV has no pointer") };
  throw new Problem(
    503,
    "NO_RELEASE",
    'No release has been activated yet. Run "usher cycle" to train and publish the first one.',
    { headers: { "retry-after": "10" } },
  );
}
