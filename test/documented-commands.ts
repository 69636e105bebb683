/** The commands that the documents show, and what of them can be said without running them. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { takeTenant } from "../bin/tenant-option.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** One command of a document, on one line. */
export interface DocumentedCommand {
  /** `docs/start.md:17`. */
  readonly where: string;
  readonly text: string;
}

/** Every command in the `sh` fences of README, docs/, client/ and examples/, in order. */
export function documentedCommands(): DocumentedCommand[] {
  const docs = readdirSync(path.join(root, "docs")).filter((name) => name.endsWith(".md"));
  const files = ["README.md", ...docs.sort().map((name) => `docs/${name}`)];
  return [...files, "client/README.md", "examples/README.md"].flatMap(commandsOf);
}

function commandsOf(file: string): DocumentedCommand[] {
  const text = readFileSync(path.join(root, file), "utf8");
  return Array.from(text.matchAll(/^```sh\n([\s\S]*?)^```/gm)).flatMap(({ index, 1: fence }) => {
    const firstLine = text.slice(0, index).split("\n").length + 1;
    return commandsOfFence(fence!).map(({ line, text }) => ({
      where: `${file}:${firstLine + line}`,
      text,
    }));
  });
}

/** A line that ends in a backslash or a pipe goes on in the next; comments say why, and are not run. */
function commandsOfFence(fence: string): { line: number; text: string }[] {
  const commands: { line: number; text: string }[] = [];
  let open = "";
  let openedAt = 0;
  for (const [line, written] of fence.split("\n").entries()) {
    const bare = written.replace(/(^|\s)#\s.*$/, "").trim();
    if (bare === "") continue;
    if (open === "") openedAt = line;
    const goesOn = /(\\|\|)$/.exec(bare)?.[1];
    open += goesOn === "\\" ? `${bare.slice(0, -1).trim()} ` : bare;
    if (goesOn === "|") open += " ";
    if (goesOn !== undefined) continue;
    commands.push({ line: openedAt, text: open });
    open = "";
  }
  return commands;
}

/** The `usher` calls of a command, each as its words: `[["import", "--stdin"]]`. */
export function usherCalls(text: string): string[][] {
  const calls = text.split(/\s*(?:&&|\||;)\s*/);
  return calls.flatMap((call) => {
    const words = wordsOf(call.replace(/^\w+=\S* /, ""));
    if (words[0] === "usher") return [words.slice(1)];
    if (words[0] === "npx" && words[1] === "usher") return [words.slice(2)];
    if (words[0] === "npm" && words[1] === "start") return [["up", ...words.slice(3)]];
    return [];
  });
}

function wordsOf(call: string): string[] {
  const words = call.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(['"])(.*)\1$/, "$2"));
}

/**
 * Lets the command's own parser look at a call, without doing anything; gives the command, or the
 * command of it, that would have run.
 *
 * @throws CommanderError for a command, option or argument that there is not.
 */
export async function parseUsherCall([name = "", ...words]: readonly string[]): Promise<Command> {
  const module = (await import(`../bin/commands/${name}.ts`)) as Record<string, unknown>;
  const made = Object.entries(module).find(([key]) => key.endsWith("Command"))?.[1];
  if (typeof made !== "function") throw new Error(`bin/commands/${name}.ts makes no command.`);
  const command = takeTenant(made() as Command);
  let asked = command;
  watch(command, (one) => {
    asked = one;
  });
  await command.parseAsync(words, { from: "user" });
  return asked;
}

function watch(command: Command, onAsked: (command: Command) => void): void {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  // One that takes nothing of its own, but what each takes, only leads to those below it.
  const own = command.options.filter(({ long }) => long !== "--tenant");
  const onlyLeads = command.commands.length > 0 && own.length === 0;
  if (!onlyLeads) command.action(() => onAsked(command));
  for (const sub of command.commands) watch(sub as Command, onAsked);
}
