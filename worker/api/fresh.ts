import { decodeCursor } from "../../events/cursor.ts";
import { releaseFor } from "./active-release.ts";
import type { ApiEnv } from "./environment.ts";
import { isErased } from "./erased-users.ts";
import { noteExposures } from "./exposures.ts";
import { Problem } from "./problem.ts";
import { liveProfile } from "./recent-events.ts";
import { recommend } from "./recommend.ts";
import { type Asked, Degradations, type Recommendations } from "./recommendations.ts";
import type { FreshInteractions } from "./taste.ts";
import type { Wish } from "./wish.ts";

/** Serving goes on without the live profile when it takes longer than this, in ms. */
const PROFILE_DEADLINE_MS = 300;
/**
 * How long before a dataset was taken an event must have been received to be in it for certain: what
 * waits for a database that is away is tried for 85 minutes. Folding an event in twice does no harm.
 */
const QUEUE_MARGIN_MS = 2 * 3_600_000;
/** Where a manifest does not say when its dataset was taken: a training takes less than a day. */
const TRAINING_MARGIN_MS = 24 * 3_600_000;
/** No user has it: an id is at least one byte long. */
const NOBODY = "";

/**
 * A user's recommendations that see the call of the cursor `after`, and that know of no erased user.
 *
 * Without the live profile, for whatever reason, they are those without `after`, and `degraded` says so.
 *
 * @throws Problem 400 for a cursor that is not one of ours.
 */
export async function recommendAfter(
  env: ApiEnv,
  asked: Asked,
  userId: string,
  wish: Wish,
  after: string | undefined,
): Promise<Recommendations> {
  const degradations = new Degradations();
  const known = await isServed(env, asked, userId, degradations);
  if (!known) return recommend(asked, NOBODY, wish);
  const fresh =
    after === undefined ? null : await readFresh(env, asked, userId, after, degradations);
  const found = await recommend(asked, userId, wish, fresh);
  const degraded = [degradations.text, found.degraded].filter((text) => text !== null).join("; ");
  // What a cursor sees changes without the release: it is its own variant.
  const variant = after === undefined ? found.variant : `${found.variant}-${after}`;
  noteExposures(env, asked.waitUntil, userId, found);
  return { ...found, variant, degraded: degraded === "" ? null : degraded };
}

/** False for an erased user. While it cannot be told who was, everybody is served, and it is said. */
async function isServed(
  env: ApiEnv,
  { waitUntil }: Asked,
  userId: string,
  degradations: Degradations,
): Promise<boolean> {
  try {
    return !(await isErased(env.RELEASES, userId, waitUntil));
  } catch (error) {
    degradations.add("erasures", error);
    return true;
  }
}

async function readFresh(
  env: ApiEnv,
  { store, waitUntil }: Asked,
  userId: string,
  cursor: string,
  degradations: Degradations,
): Promise<FreshInteractions | null> {
  const after = decodeCursor(cursor);
  if (after === null) {
    const shown = cursor.slice(0, 40);
    throw new Problem(
      400,
      "BAD_CURSOR",
      `after is "${shown}"; it takes the cursor of POST /v1/events.`,
    );
  }
  const { release, rival } = await releaseFor(store, userId, waitUntil);
  const containedBefore = Math.min(
    containedIn(release.manifest),
    rival === null ? Number.POSITIVE_INFINITY : containedIn(rival.release.manifest),
  );
  const answer = await liveProfile(env, userId, after, {
    containedBefore,
    deadlineMs: PROFILE_DEADLINE_MS,
  });
  if (answer.ok) return answer;
  degradations.add("fresh", answer.reason);
  return null;
}

/** Epoch ms: what was received before is in the release for certain. */
function containedIn(
  manifest: { createdAt: string; dataset: { takenAt?: string | undefined } } | null,
): number {
  if (manifest === null) return 0;
  const { takenAt } = manifest.dataset;
  const margin = takenAt === undefined ? QUEUE_MARGIN_MS + TRAINING_MARGIN_MS : QUEUE_MARGIN_MS;
  return Date.parse(takenAt ?? manifest.createdAt) - margin;
}
