import { UsherError } from "../release/error.ts";
import type { Progress } from "./progress.ts";
import { publishRelease } from "./publish-release.ts";
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
  await publishRelease(around, trained.folder, progress);
  return { release: trained.manifest.release, changed: true };
}

function refused(reasons: readonly string[]): UsherError {
  return new UsherError(
    "GATE_REFUSED",
    `The new model was not published, and what served before still serves: ${reasons.join(" ")} Look into the data, or publish it all the same with --force.`,
  );
}
