import { markActive } from "../drizzle/releases.ts";
import { UsherError } from "../release/error.ts";
import type { Manifest } from "../release/manifest.ts";
import { pushRelease } from "../sync/push/push.ts";
import type { Progress } from "./progress.ts";
import { activate } from "./publish.ts";
import type { Surroundings } from "./surroundings.ts";
import { type TrainChoices, trainRelease } from "./train-release.ts";

/** What a cycle came to. */
export interface CycleResult {
  /** The release that serves afterwards. */
  readonly release: string;
  /** False when nothing had changed. */
  readonly changed: boolean;
}

/**
 * One turn of the loop: snapshot, train, gate, push, activate. Answers go on throughout; the switch
 * is one pointer write by the cron Worker.
 *
 * A cycle that was killed is finished by running it again: a release that was built is taken up, and
 * a push sends only what KV lacks.
 *
 * @throws UsherError `GATE_REFUSED` with the reasons; what served before still serves.
 */
export async function runCycle(
  around: Surroundings,
  progress: Progress,
  choices: TrainChoices = {},
): Promise<CycleResult> {
  const trained = await trainRelease(around, { ...choices, lists: "all" }, progress);
  if (trained.kind === "unchanged") return { release: trained.release, changed: false };
  if (trained.kind === "refused") throw refused(trained.reasons);
  if (trained.kind === "unlisted") throw new Error("a cycle's release has lists");
  await publish(around, trained.folder, trained.manifest, progress);
  return { release: trained.manifest.release, changed: true };
}

/** Pushes a release directory into KV and has it activated. */
async function publish(
  around: Surroundings,
  folder: string,
  { release }: Manifest,
  progress: Progress,
): Promise<void> {
  progress.step(`Pushing ${release} into Workers KV`);
  const manifest = await pushRelease(around.kv, folder, {
    mostItems: around.quotas.items,
    onProgress: ({ sentValues, plan }) =>
      progress.update(`${sentValues} of ${plan.writes} keys`, sentValues / plan.writes),
  });
  progress.done(`${manifest.values.length + 1} keys are whole in KV`);
  await activate(around, release, progress);
  await markActive(around.database, release);
}

function refused(reasons: readonly string[]): UsherError {
  return new UsherError(
    "GATE_REFUSED",
    `The new model was not published, and what served before still serves: ${reasons.join(" ")} Look into the data, or publish it all the same with --force.`,
  );
}
