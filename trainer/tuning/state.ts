/**
 * What a tuning has tried so far, in a file that is whole after every trial: one that was stopped goes
 * on where it was.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { writeWhole } from "../write-whole.ts";

const TrialSchema = v.object({
  settings: v.record(v.string(), v.number()),
  /** Epochs it was given; null for as many as the validation users gain from. */
  epochs: v.nullable(v.number()),
  /** Of the validation users; null when training diverged. */
  ndcg100: v.nullable(v.number()),
  seconds: v.number(),
});

const StateSchema = v.object({
  format: v.literal(1),
  model: v.string(),
  dataset: v.string(),
  seed: v.number(),
  heldOutUsers: v.number(),
  trials: v.array(TrialSchema),
});

export type TuningTrial = v.InferOutput<typeof TrialSchema>;
export type TuningState = v.InferOutput<typeof StateSchema>;

/**
 * The trials of an earlier run of the same tuning, or none.
 *
 * Throws `TUNING_STATE` when the file is of another tuning or is not one at all.
 */
export async function readTrials(
  path: string,
  tuning: Omit<TuningState, "format" | "trials">,
): Promise<TuningTrial[]> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return null;
    throw cause;
  });
  if (text === null) return [];
  const parsed = v.safeParse(StateSchema, parseJson(text));
  const of = parsed.success ? parsed.output : null;
  const same =
    of?.model === tuning.model &&
    of.dataset === tuning.dataset &&
    of.seed === tuning.seed &&
    of.heldOutUsers === tuning.heldOutUsers;
  if (of !== null && same) return of.trials;
  throw new UsherError(
    "TUNING_STATE",
    `${path} is not the state of tuning ${tuning.model} with seed ${tuning.seed} on this dataset. ` +
      "Remove it to begin anew.",
  );
}

/** JSON into `path`, whole or not at all; its folder is made if need be. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
