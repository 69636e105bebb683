/** Who may import whom: the layers of ARCHITECTURE.md, held by reading every import. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Folder to the folders of ours that it may import beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  release: [],
  events: ["release"],
  experiments: ["release"],
  drizzle: ["release", "experiments"],
  trainer: ["release", "events", "experiments", "drizzle"],
  sync: ["release", "events", "experiments", "drizzle"],
  grafana: ["events", "drizzle"],
  worker: ["release", "events", "experiments", "drizzle"],
  client: [],
};
/** Folders whose code runs in Workers: no `node:` there. */
const RUNS_IN_WORKERS = ["release", "events", "experiments", "worker", "sync/cron", "client"];

interface Import {
  readonly file: string;
  readonly target: string;
}

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => path.join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return Array.from(found, ([, target]) => ({ file, target: target! }));
}

describe.each(Object.entries(MAY_IMPORT))("%s/", (folder, allowed) => {
  test(`imports of ours only ${[folder, ...allowed].join(", ")}`, () => {
    const forbidden = sources(folder)
      .flatMap(importsOf)
      .filter(({ target }) => target.startsWith("."))
      .map(({ file, target }) => ({ file, target: path.join(path.dirname(file), target) }))
      .filter(({ target }) => ![folder, ...allowed].includes(target.split(path.sep)[0]!));
    expect(forbidden).toEqual([]);
  });
});

test.each(RUNS_IN_WORKERS)("%s/ uses nothing of Node's own", (folder) => {
  const used = sources(folder)
    .flatMap(importsOf)
    .filter(({ target }) => target.startsWith("node:"));
  expect(used).toEqual([]);
});

test("the reader sees imports at all", () => {
  expect(importsOf("trainer/train.ts").length).toBeGreaterThan(5);
});
