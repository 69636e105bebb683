/** The ratings that the model's benchmarks run on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventOfRating } from "../../events/formats/format.ts";
import { DEFAULT_SHAPE, writeSynthetic } from "../../local/synthetic.ts";
import type { EventRow } from "../../trainer/clean.ts";
import { buildDataset, type Dataset } from "../../trainer/dataset.ts";
import { readDirectory } from "../../trainer/import/read-directory.ts";

/**
 * The folder in USHER_BENCH_DATA (any import format), or else a synthetic one.
 *
 * `name`: the folder's name in letters and digits, such as `ml1m`; it ends the names of figures.
 */
export async function benchDataset(): Promise<{ name: string; dataset: Dataset }> {
  const folder = process.env.USHER_BENCH_DATA;
  if (folder !== undefined) {
    const name = path.basename(path.resolve(folder)).replace(/[^a-z0-9]/gi, "");
    return { name, dataset: await read(folder) };
  }
  const made = await mkdtemp(path.join(tmpdir(), "usher-bench-"));
  try {
    await writeSynthetic(path.join(made, "ratings"), DEFAULT_SHAPE);
    return { name: "synthetic", dataset: await read(path.join(made, "ratings")) };
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

async function read(folder: string): Promise<Dataset> {
  const { batches } = await readDirectory(folder);
  async function* events(): AsyncGenerator<EventRow[]> {
    for await (const { ratings } of batches) yield ratings.map(eventOfRating);
  }
  return await buildDataset(events());
}
