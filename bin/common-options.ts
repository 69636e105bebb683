import type { Command } from "commander";

/** Options of a command that works on one home and can answer in JSON; its sub-commands take them too. */
export function withHomeAndJson(command: Command): Command {
  return command
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object");
}
