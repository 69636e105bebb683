/** `npm run bench -- GROUP [PART…] [--json]`: runs `bench/<GROUP>/*.bench.ts` and prints the figures. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import type { Benchmark, Figures } from "./benchmark.ts";

const here = path.dirname(fileURLToPath(import.meta.url));
const SUFFIX = ".bench.ts";

const groups = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

await new Command("bench")
  .description("measure Usher; figures are ratios against a baseline of the same run")
  .argument("<group>", `one of ${groups.join(", ")}`, knownGroup)
  .argument("[parts...]", "only these parts of the group (default: all)")
  .option("--json", "print one JSON object on standard output, the rest on standard error")
  .action(runGroup)
  .parseAsync();

function knownGroup(group: string): string {
  if (groups.includes(group)) return group;
  throw new InvalidArgumentError(`There is ${groups.join(", ")}.`);
}

async function runGroup(
  group: string,
  parts: readonly string[],
  options: { json?: boolean },
): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const figures: Record<string, number> = {};
  for (const part of chosenParts(group, parts)) {
    const file = pathToFileURL(path.join(here, group, part + SUFFIX)).href;
    const { default: benchmark } = (await import(file)) as { default: Benchmark };
    say(`\n${group} / ${part}: ${benchmark.title}`);
    Object.assign(figures, await benchmark.run((line) => say(`  ${line}`)));
  }
  if (options.json === true) console.log(JSON.stringify({ group, figures }));
  else console.log(asTable(figures));
}

function chosenParts(group: string, wanted: readonly string[]): string[] {
  const there = readdirSync(path.join(here, group))
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
  const unknown = wanted.filter((part) => !there.includes(part));
  if (unknown.length === 0) return wanted.length === 0 ? there : [...wanted];
  throw new InvalidArgumentError(
    `${group} has no ${unknown.join(", ")}; it has ${there.join(", ")}.`,
  );
}

function asTable(figures: Figures): string {
  const width = Math.max(...Object.keys(figures).map((name) => name.length), 0);
  const row = ([name, value]: [string, number]) =>
    `${name.padEnd(width)}  ${Number.isInteger(value) ? value : value.toPrecision(4)}`;
  return `\n${Object.entries(figures).map(row).join("\n")}`;
}
