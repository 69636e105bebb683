import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Benchmark } from "../benchmark.ts";

const PUBLIC = fileURLToPath(new URL("../../worker/public", import.meta.url));
const PAGES = { explore: "index.html", dashboard: "dashboard.html" };

/** The page and everything that its head names: all that a first visit fetches but the answers. */
async function filesOf(page: string): Promise<Buffer[]> {
  const html = await readFile(path.join(PUBLIC, page));
  const named = html.toString().matchAll(/(?:href|src)="(\/[\w./-]+\.\w+)"/g);
  const paths = new Set(Array.from(named, ([, file]) => file!));
  return [html, ...(await Promise.all([...paths].map((file) => readFile(PUBLIC + file))))];
}

export default {
  title: "what each page weighs, file by file as it travels, plain and gzipped",
  run: async (say) => {
    const figures: Record<string, number> = {};
    for (const [name, page] of Object.entries(PAGES)) {
      const files = await filesOf(page);
      const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0) / 1_000;
      figures[`${name}_kb`] = sum(files.map((file) => file.length));
      figures[`${name}_gzip_kb`] = sum(files.map((file) => gzipSync(file).length));
      say(`${name}: ${files.length} files`);
    }
    return figures;
  },
} satisfies Benchmark;
