/** Prints what `usher train --json` came to as lines of `name=value`, as a workflow's outputs are. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";

const TrainedSchema = v.object({ kind: v.string(), folder: v.optional(v.string()) });

const text = await readFile(process.argv[2] ?? "trained.json", "utf8");
const { kind, folder } = v.parse(v.pipe(v.string(), v.parseJson(), TrainedSchema), text);
console.log(`kind=${kind}`);
if (folder !== undefined) console.log(`folder=${folder}\nrelease=${path.basename(folder)}`);
