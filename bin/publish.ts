import { setTimeout as sleep } from "node:timers/promises";
import { UsherError } from "../release/error.ts";
import { POINTER_KEY, STAGED_KEY } from "../release/keys.ts";
import { parsePointer } from "../release/pointer.ts";
import { stageRelease } from "../sync/push/push.ts";
import type { Progress } from "./progress.ts";
import type { Surroundings } from "./surroundings.ts";

/** The cron Worker looks each minute, and a large release takes it a few runs to verify. */
const WAIT_MS = 15 * 60_000;
const POLL_MS = 2_000;
const STAGED_TRIGGER = "* * * * *";

/**
 * Stages a pushed release and waits until the cron Worker has verified and activated it.
 *
 * @throws UsherError `RELEASE_REFUSED` when verification failed; what served before still serves.
 */
export async function activate(
  around: Pick<Surroundings, "kv" | "runCron">,
  release: string,
  progress: Progress,
): Promise<void> {
  progress.step(
    `Activating ${release}: the cron Worker verifies every value, then flips the pointer`,
  );
  await stageRelease(around.kv, release, new Date());
  const until = Date.now() + WAIT_MS;
  while (Date.now() < until) {
    if (around.runCron !== null) await around.runCron(STAGED_TRIGGER);
    if ((await activeRelease(around.kv)) === release) {
      progress.done(`${release} serves`);
      return;
    }
    // Un-staged without being activated: the Worker found something wrong with it.
    if (
      (await around.kv.read(STAGED_KEY)) === null &&
      (await activeRelease(around.kv)) !== release
    ) {
      throw new UsherError(
        "RELEASE_REFUSED",
        `The cron Worker refused ${release}: a value in KV does not match its manifest (its log names it). What served before still serves. Push the release again.`,
      );
    }
    progress.update("waiting for the cron Worker's next minute", null);
    await sleep(around.runCron === null ? POLL_MS : 0);
  }
  throw new UsherError(
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
