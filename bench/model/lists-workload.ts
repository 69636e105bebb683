/** Generated interactions and item vectors for the benchmarks of lists, and a process that lists them. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { linearWeights, type ModelWeights } from "../../release/model.ts";
import type { Csr } from "../../trainer/csr.ts";
import { type Random, seededRandom } from "../../trainer/random.ts";

export interface Workload {
  users: number;
  items: number;
  /** Length of an item's row. */
  dimensions: number;
  /** A hidden layer over the first `linear` of the dimensions. Default: none, all of them linear. */
  hidden?: { units: number; linear: number } | undefined;
  threads: number;
}

/** What one run came to. */
export interface ListsRun {
  /** From the profiles and the model's weights to the finished release directory. */
  seconds: number;
  /** Of all cores together: what the work costs, whoever else is on the machine. */
  coreSeconds: number;
  /** The process's largest resident memory, generated data included. */
  peakMb: number;
}

const INTERACTIONS_PER_USER = 50;

/** Profiles of 50 distinct items each, few of them popular, in shared memory. */
export function generateProfiles(users: number, items: number): Csr {
  const random = seededRandom(1);
  const each = Math.min(INTERACTIONS_PER_USER, Math.floor(items / 4));
  const words = (length: number) => new SharedArrayBuffer(4 * length);
  const offsets = new Uint32Array(words(users + 1));
  const indices = new Uint32Array(words(users * each));
  const values = new Float32Array(words(users * each)).fill(1);
  const own = new Set<number>();
  for (let user = 0; user < users; user++) {
    own.clear();
    while (own.size < each) own.add(Math.floor(items * random() ** 2));
    const place = indices.subarray(user * each, (user + 1) * each);
    place.set([...own]);
    place.sort();
    offsets[user + 1] = (user + 1) * each;
  }
  return { rows: users, cols: items, offsets, indices, values };
}

/** Rows, centres and mixing of random directions. */
export function generateModel({ items, dimensions, hidden }: Workload): ModelWeights {
  const random = seededRandom(2);
  const rows = unitVectors(items, dimensions, random);
  const model = linearWeights(rows, dimensions);
  if (hidden === undefined) return model;
  const { units, linear } = hidden;
  const centres = unitVectors(units, linear, random);
  const mixing = unitVectors(units, dimensions - linear, random);
  return { ...model, linear, hidden: units, centres, mixing, sharpness: 2.5 };
}

/** Unit vectors of random direction: the hardest case for a threshold, as nothing stands out. */
function unitVectors(count: number, dimensions: number, random: Random): Float32Array {
  const vectors = new Float32Array(new SharedArrayBuffer(4 * count * dimensions));
  for (let at = 0; at < vectors.length; at++) vectors[at] = random() + random() + random() - 1.5;
  for (let each = 0; each < count; each++) {
    const vector = vectors.subarray(each * dimensions, (each + 1) * dimensions);
    const length = Math.hypot(...vector);
    for (let d = 0; d < dimensions; d++) vector[d]! /= length;
  }
  return vectors;
}

const RUN = fileURLToPath(new URL("lists-run.ts", import.meta.url));

/** Lists a workload in a process of its own, so that its memory is seen apart. */
export async function runLists(workload: Workload): Promise<ListsRun> {
  const args = ["--disable-warning=ExperimentalWarning", RUN, JSON.stringify(workload)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as ListsRun;
}
