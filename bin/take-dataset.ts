import { UsherError } from "../release/error.ts";
import { checkQuality, qualityLines } from "../trainer/snapshots/quality-gates.ts";
import type { Snapshot } from "../trainer/snapshots/snapshot-manifest.ts";
import { listSnapshots, takeSnapshot } from "../trainer/snapshots/take-snapshot.ts";
import type { Progress } from "./progress.ts";
import { snapshotStore } from "./snapshot-store.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Keeps the events up to a watermark as a version, and lets nothing be trained on bad ones.
 *
 * @param force goes on in spite of failing gates, which are told all the same.
 * @throws UsherError `QUALITY_REFUSED` with the report.
 */
export async function keepSnapshot(
  around: Surroundings,
  watermark: number,
  force: boolean,
  progress: Progress,
): Promise<Snapshot> {
  const store = snapshotStore(around.home);
  const before = (await listSnapshots(store)).findLast(
    ({ manifest }) => manifest.watermark < watermark,
  );
  const snapshot = await takeSnapshot(around.database, store, watermark);
  const { facts, parts } = snapshot.manifest;
  progress.done(
    `snapshot ${snapshot.hash.slice(0, 12)}: ${parts.length} files, ${snapshot.partsReused} shared, ${snapshot.bytesWritten.toLocaleString("en")} bytes written`,
  );
  const report = checkQuality(facts, before?.manifest.facts ?? null, Date.now());
  if (report.passed) return snapshot;
  const lines = qualityLines(report).join("\n    ");
  if (force) {
    progress.done(`quality gates failed, and were overridden:\n    ${lines}`);
    return snapshot;
  }
  throw new UsherError(
    "QUALITY_REFUSED",
    `The events are not fit to learn from; what serves goes on serving.\n    ${lines}\nLook into them with "usher datasets diff", change the thresholds in trainer/snapshots/quality-thresholds.ts, or go on with --force.`,
  );
}
