/** What users in experiments are shown goes to the database with the events, behind the answers. */

import { packExposures, type UserExposure } from "../../events/exposures.ts";
import type { Exposure } from "../../experiments/assignment.ts";
import type { WaitUntil } from "./deadline.ts";
import type { ApiEnv } from "./environment.ts";
import { ExposureBuffer, type Shown } from "./exposure-buffer.ts";
import { itemIds, type Recommendations } from "./recommendations.ts";

/** Seconds that exposures wait in an isolate, where `EXPOSURES_FLUSH_SECONDS` does not say. */
const FLUSH_SECONDS = "10";
/** Users and lists that are held before they leave sooner: about 1 MB. */
const MOST_HELD = 2_000;

const LATE_MS = 5_000;

const buffers = new WeakMap<KVNamespace, ExposureBuffer>();

/** Notes an answer to a user in experiments; nothing for whoever is in none. */
export function noteExposures(
  env: ApiEnv,
  waitUntil: WaitUntil,
  userId: string,
  { exposures, ...answer }: Pick<Recommendations, "exposures" | "release" | "items">,
): void {
  if (exposures.length === 0) return;
  const sides = answer.items.map(({ side }) => side?.team ?? 0);
  const mixed = answer.items.some(({ side }) => side !== undefined);
  const items = itemIds(answer);
  const shown = { release: answer.release.id, items, teams: mixed ? sides : null };
  noteShown(env, waitUntil, userId, exposures, shown);
}

/** The same for a list from memory. */
export function noteShown(
  env: ApiEnv,
  waitUntil: WaitUntil,
  userId: string,
  exposures: readonly Exposure[],
  shown: Shown,
): void {
  const buffer = bufferOf(env.RELEASES);
  const begins = buffer.size === 0;
  const now = Date.now();
  for (const exposure of exposures) buffer.add(exposure, userId, shown, now);
  if (begins) {
    const waitMs = Number(env.EXPOSURES_FLUSH_SECONDS ?? FLUSH_SECONDS) * 1000;
    buffer.dueAt = now + waitMs;
    waitUntil(sendAfter(waitMs, env, buffer));
    return;
  }
  // The platform may have ended the request that was to send it.
  const late = now > buffer.dueAt + LATE_MS;
  if (late || buffer.size >= MOST_HELD) waitUntil(send(env, buffer.take()));
}

/** The answer that begins a batch keeps its request open until the batch leaves. */
async function sendAfter(ms: number, env: ApiEnv, buffer: ExposureBuffer): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  await send(env, buffer.take());
}

async function send({ EVENTS }: ApiEnv, exposures: readonly UserExposure[]): Promise<void> {
  try {
    for (const message of packExposures(exposures, () => crypto.randomUUID())) {
      await EVENTS.send(message);
    }
  } catch (error) {
    console.error(JSON.stringify({ exposures: "not sent", error: (error as Error).message }));
  }
}

function bufferOf(kv: KVNamespace): ExposureBuffer {
  const known = buffers.get(kv);
  if (known !== undefined) return known;
  const buffer = new ExposureBuffer();
  buffers.set(kv, buffer);
  return buffer;
}
