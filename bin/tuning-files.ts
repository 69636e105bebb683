import path from "node:path";
import type { Home } from "../local/home.ts";

/** The best settings of every dataset tuned for in a home: what `train` reads. */
export function tunedSettingsPath(home: Home): string {
  return path.join(home.root, "tuned.json");
}

/** What a tuning has tried so far: one file a model and dataset. */
export function tuningStatePath(home: Home, model: string, datasetHash: string): string {
  return path.join(home.root, "tuning", `${model}-${datasetHash.slice(0, 12)}.json`);
}
