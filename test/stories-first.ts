import { readFile } from "node:fs/promises";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Imports of what starts Postgres, workerd or the command. */
const STARTS_SOMETHING = /from "(\.\.?\/)+(local|test)\//;

/**
 * Begins with the test files that start a system and wait for it; the many small ones fill the gaps
 * at the end. Vitest's own order, by size in a clean clone, leaves some of the longest to the last.
 */
export class StoriesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const stories = new Set<TestSpecification>();
    for (const file of sorted) if (await isStory(file.moduleId)) stories.add(file);
    return [...stories, ...sorted.filter((file) => !stories.has(file))];
  }
}

/** Whether a test file, by its absolute path, starts a system or lies among the stories. */
export async function isStory(file: string): Promise<boolean> {
  if (/\/(test|bench)\/.*\.test\.ts$/.test(file)) return true;
  return STARTS_SOMETHING.test(await readFile(file, "utf8"));
}
