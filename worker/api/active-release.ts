import { assignmentOf, type Exposure, type Serving } from "../../experiments/assignment.ts";
import { armOf, type Pointer } from "../../release/pointer.ts";
import type { WaitUntil } from "./deadline.ts";
import type { EdgeStore, MaybePromise } from "./edge-store.ts";
import { Problem } from "./problem.ts";
import type { ServedRelease } from "./served-release.ts";

/** A release, and how much its items are to differ: 0 ranks by score alone. */
export interface Ranker {
  readonly release: ServedRelease;
  readonly diversity: number;
}

/** The release that answers, and why it is not the one that should, if so. */
export interface ActiveRelease extends Ranker {
  readonly degraded: unknown;
  /** What is interleaved with it, or null. */
  readonly rival: Ranker | null;
  /** The experiments that the user is in. */
  readonly exposures: readonly Exposure[];
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

/**
 * The same with what experiments make of it, and with what went wrong on the way: what the pointer
 * serves where an arm's release cannot be read, else the release before, else the bundle's own list.
 */
export function releaseFor(
  store: EdgeStore,
  userId: string,
  waitUntil: WaitUntil,
): MaybePromise<ActiveRelease> {
  const pointer = store.pointer(waitUntil);
  if (pointer instanceof Promise) {
    return pointer.then(
      (read) => releaseBehind(store, read, userId, waitUntil),
      (error) => fallback(store, error, []),
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
  if (pointer === null) return beforeTheFirst(store);
  const { release, diversity, rival, exposures } = assignmentOf(pointer, userId);
  const reading = store.release(release, waitUntil);
  if (!(reading instanceof Promise) && rival === null) {
    return { release: reading, diversity, rival, exposures, degraded: null };
  }
  const others = [armOf(pointer, userId), pointer.previous].filter((id) => id !== release);
  const opened = openFirst(store, reading, others, waitUntil);
  // Both are read at once.
  const beside = rival === null ? null : openRival(store, rival, waitUntil);
  return Promise.all([opened, beside]).then(([own, other]) =>
    own.release === null
      ? fallback(store, own.degraded, exposures)
      : {
          release: own.release,
          diversity,
          exposures,
          rival: other?.rival ?? null,
          degraded: own.degraded ?? other?.degraded ?? null,
        },
  );
}

/**
 * The release that is being read, else the first of the others that can be. A user stays in their
 * arm, whatever answers: leaving some out would bias what is compared.
 */
async function openFirst(
  store: EdgeStore,
  reading: MaybePromise<ServedRelease>,
  others: readonly (string | null)[],
  waitUntil: WaitUntil,
): Promise<{ release: ServedRelease | null; degraded: unknown }> {
  let degraded: unknown = null;
  try {
    return { release: await reading, degraded };
  } catch (error) {
    degraded = error;
  }
  for (const id of others) {
    if (id === null) continue;
    try {
      return { release: await store.release(id, waitUntil), degraded };
    } catch {
      // What is told is why the first could not be had.
    }
  }
  return { release: null, degraded };
}

/** A rival that cannot be read leaves the control alone, and the answer says so. */
async function openRival(
  store: EdgeStore,
  { release, diversity }: Serving,
  waitUntil: WaitUntil,
): Promise<Pick<ActiveRelease, "rival" | "degraded">> {
  try {
    return {
      rival: { release: await store.release(release, waitUntil), diversity },
      degraded: null,
    };
  } catch (error) {
    return { rival: null, degraded: error };
  }
}

function fallback(store: EdgeStore, error: unknown, exposures: readonly Exposure[]): ActiveRelease {
  const release = store.fallback();
  if (release !== null) {
    return { release, diversity: 0, rival: null, exposures, degraded: error };
  }
  const why = error instanceof Error ? error.message : String(error);
  throw new Problem(
    503,
    "RELEASES_UNREACHABLE",
    `No release can be read just now (${why}), and there is no fallback list for it in this Worker. Ask again.`,
    { headers: { "retry-after": "2" } },
  );
}

/** A bundle with a list was deployed while something served: then a pointer that is gone is a fault. */
function beforeTheFirst(store: EdgeStore): ActiveRelease {
  const release = store.fallback();
  if (release !== null) {
    const degraded = new Error("KV has no pointer");
    return { release, diversity: 0, rival: null, exposures: [], degraded };
  }
  throw new Problem(
    503,
    "NO_RELEASE",
    'No release has been activated yet. Run "usher cycle" to train and publish the first one.',
    { headers: { "retry-after": "10" } },
  );
}
