import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { activate, type ReleaseShape, writeRelease } from "./written-release.ts";

/** The release that benchmarks of single answers serve. */
export const SMALL_RELEASE: ReleaseShape = {
  id: "bench",
  prefix: "",
  users: 20_000,
  items: 4_000,
  dimensions: 256,
};

/** Folders of a benchmark, which are gone after it. */
interface Scratch {
  readonly scratch: string;
  /** The values of KV, in which the release is written and active. */
  readonly files: string;
}

/** Writes a release, lets it serve, and runs a benchmark over it. */
export async function withServing<T>(
  release: ReleaseShape,
  run: (folders: Scratch) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(path.join(tmpdir(), "usher-bench-"));
  try {
    const files = path.join(scratch, "kv");
    await writeRelease(files, release);
    await activate(files, release.id, null);
    return await run({ scratch, files });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
