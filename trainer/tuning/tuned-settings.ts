/**
 * The best settings found for each dataset, in one JSON file that training reads.
 */
import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { writeJson } from "./state.ts";

const EntrySchema = v.object({
  model: v.string(),
  /** Hash of the dataset. */
  dataset: v.string(),
  interactions: v.number(),
  settings: v.record(v.string(), v.number()),
  /** NDCG@100 of the validation users with these settings, and with the model's own. */
  ndcg100: v.number(),
  ownNdcg100: v.nullable(v.number()),
  trials: v.number(),
  tunedAt: v.pipe(v.string(), v.isoTimestamp()),
});
const FileSchema = v.object({ format: v.literal(1), entries: v.array(EntrySchema) });

export type TunedSettings = v.InferOutput<typeof EntrySchema>;

/** A dataset with at most this many times more or fewer interactions is tuned for alike. */
const ALIKE = 2;

/** What of the best settings a training should use, or null when none were found for the like. */
export async function findTuned(
  path: string,
  wanted: { model: string; dataset: string; interactions: number },
): Promise<TunedSettings | null> {
  const entries = (await readEntries(path)).filter(({ model }) => model === wanted.model);
  const exact = entries.find(({ dataset }) => dataset === wanted.dataset);
  if (exact !== undefined) return exact;
  // Every new event makes another dataset, and the best settings change far more slowly.
  const alike = entries.filter(
    ({ interactions }) =>
      interactions <= ALIKE * wanted.interactions && wanted.interactions <= ALIKE * interactions,
  );
  return alike.sort((a, b) => (a.tunedAt < b.tunedAt ? 1 : -1))[0] ?? null;
}

/** Adds an entry in place of one for the same model and dataset. */
export async function storeTuned(path: string, entry: TunedSettings): Promise<void> {
  const others = (await readEntries(path)).filter(
    ({ model, dataset }) => model !== entry.model || dataset !== entry.dataset,
  );
  await writeJson(path, { format: 1, entries: [...others, entry] });
}

async function readEntries(path: string): Promise<TunedSettings[]> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return null;
    throw cause;
  });
  if (text === null) return [];
  try {
    return v.parse(FileSchema, JSON.parse(text)).entries;
  } catch (cause) {
    throw new UsherError(
      "TUNED_SETTINGS",
      `${path} does not hold tuned settings. Remove it, and tune again if need be.`,
      { cause },
    );
  }
}
