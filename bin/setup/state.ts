import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { UsherError } from "../../release/error.ts";

const NoteSchema = v.object({
  /** `making`: asked for, outcome not known yet; `made` by setup; `found`: was there before. */
  status: v.picklist(["making", "made", "found"]),
  says: v.string(),
});

const StateSchema = v.object({
  version: v.literal(1),
  deployment: v.string(),
  accountId: v.nullable(v.string()),
  steps: v.record(v.string(), NoteSchema),
  /** Of the key that setup makes for the owner: shown at the end, and here until it is removed. */
  operatorKey: v.nullable(v.object({ key: v.string(), entry: v.string() })),
});

/**
 * What a setup has done so far: which parts it made and which were there, and the owner's API key.
 *
 * What is needed to go on is looked up in the accounts, never here: losing the file loses only the
 * key, and the knowledge of what was there before.
 */
export type SetupState = v.InferOutput<typeof StateSchema>;

/** The state of a deployment's setup, empty before the first. @throws UsherError `SETUP_STATE`. */
export async function readState(file: string, deployment: string): Promise<SetupState> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) {
    return { version: 1, deployment, accountId: null, steps: {}, operatorKey: null };
  }
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), StateSchema), text);
  if (result.success) return result.output;
  throw new UsherError(
    "SETUP_STATE",
    `${file} is not a setup's state: ${v.summarize(result.issues)}. Move it away and run this again: everything that exists is found again.`,
  );
}

/** Writes it whole or not at all, readable by its owner alone. */
export async function writeState(file: string, state: SetupState): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

export async function removeState(file: string): Promise<void> {
  await rm(file, { force: true });
}
