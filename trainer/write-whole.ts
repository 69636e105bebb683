import { rename, writeFile } from "node:fs/promises";

/** Writes a file by way of a draft beside it: a kill leaves the old or the new, never half of one. */
export async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  await writeFile(`${file}.part`, content);
  await rename(`${file}.part`, file);
}
