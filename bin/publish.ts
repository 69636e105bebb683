import { setTimeout as sleep } from "node:timers/promises";
import type { ControlKeys } from "../release/control-keys.ts";
import { UsherError } from "../release/error.ts";
import { POINTER_KEY } from "../release/keys.ts";
import { parsePointer } from "../release/pointer.ts";
import { controlKeysIn } from "../sync/kv/control-keys.ts";
import { stageRelease } from "../sync/push/push.ts";
import type { Progress } from "./progress.ts";
import { percent } from "./quantities.ts";
import type { Surroundings } from "./surroundings.ts";

/** The cron Worker looks each minute, and a large release takes it a few runs to verify. */
const WAIT_MS = 15 * 60_000;
const POLL_MS = 2_000;
/** A read of KV may still lack what was written within so long. */
const SETTLED_MS = 90_000;
const STAGED_TRIGGER = "* * * * *";

/**
 * Stages a pushed release and waits until the cron Worker has verified and activated it.
 *
 * @param share of the users that it is to serve, above 0 and at most 1.
 * @throws UsherError `RELEASE_REFUSED` when verification failed; what served before still serves.
 */
export async function activate(
  around: Pick<Surroundings, "kv" | "runCron">,
  release: string,
  progress: Progress,
  share = 1,
): Promise<void> {
  progress.step(
    `Activating ${release}: the cron Worker verifies every value, then flips the pointer`,
  );
  const before = await controlKeysIn(around.kv);
  await stageRelease(around.kv, release, new Date(), share);
  const started = Date.now();
  for (;;) {
    if (around.runCron !== null) await around.runCron(STAGED_TRIGGER);
    const keys = await controlKeysIn(around.kv);
    if (keys.staged?.release !== release) {
      const refusal = refusalOf(release, before, keys);
      if (refusal !== null) throw refused(release, refusal);
      if (serves(keys, release)) break;
      if (Date.now() - started > SETTLED_MS) throw refused(release, "another was staged");
    }
    if (Date.now() - started > WAIT_MS) throw timedOut(release);
    const verified = keys.staged?.verified ?? 0;
    progress.update(
      verified > 0 ? `${verified} values verified` : "waiting for the cron Worker",
      null,
    );
    await sleep(POLL_MS);
  }
  progress.done(
    share === 1 ? `${release} serves` : `${release} serves ${percent(share)} of the users`,
  );
}

function serves({ pointer }: ControlKeys, release: string): boolean {
  return pointer?.arms.some((arm) => arm.release === release) ?? false;
}

/** Why the Worker refused the release this time, or null; a refusal from before is an old story. */
function refusalOf(release: string, before: ControlKeys, now: ControlKeys): string | null {
  if (now.refused?.release !== release) return null;
  return now.refused.refusedAt === before.refused?.refusedAt ? null : now.refused.reason;
}

function refused(release: string, reason: string): UsherError {
  return new UsherError(
    "RELEASE_REFUSED",
    `The cron Worker did not activate ${release}: ${reason}. What served before still serves. Push the release again: what is wrong is sent again.`,
  );
}

function timedOut(release: string): UsherError {
  return new UsherError(
    "ACTIVATION_TIMEOUT",
    `${release} is staged, but no cron Worker activated it within 15 minutes. Is it deployed? "wrangler tail usher-cron" shows its runs.`,
  );
}

/** The release that serves, or null before the first. */
export async function activeRelease(kv: Surroundings["kv"]): Promise<string | null> {
  const bytes = await kv.read(POINTER_KEY);
  return bytes === null
    ? null
    : (parsePointer(new TextDecoder().decode(bytes)).arms[0]?.release ?? null);
}
