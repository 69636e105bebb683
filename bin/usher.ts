import { Command, CommanderError } from "commander";
import { UsherError } from "../release/error.ts";
import { codeVersion } from "./code-version.ts";
import { cycleCommand } from "./commands/cycle.ts";
import { datasetsCommand } from "./commands/datasets.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { explainReleaseCommand } from "./commands/explain-release.ts";
import { importCommand } from "./commands/import.ts";
import { keysCommand } from "./commands/keys.ts";
import { pushCommand } from "./commands/push.ts";
import { redriveCommand } from "./commands/redrive.ts";
import { replayCommand } from "./commands/replay.ts";
import { statusCommand } from "./commands/status.ts";
import { trainCommand } from "./commands/train.ts";
import { upCommand } from "./commands/up.ts";

const program = new Command("usher")
  .description("Personal recommendations from the edge: train, publish, serve, learn again.")
  .version(codeVersion())
  .exitOverride()
  .showHelpAfterError("(add --help for what it takes)")
  .addCommand(upCommand())
  .addCommand(importCommand())
  .addCommand(trainCommand())
  .addCommand(evaluateCommand())
  .addCommand(pushCommand())
  .addCommand(cycleCommand())
  .addCommand(replayCommand())
  .addCommand(redriveCommand())
  .addCommand(keysCommand())
  .addCommand(datasetsCommand())
  .addCommand(explainReleaseCommand())
  .addCommand(statusCommand());

for (const command of program.commands) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
} finally {
  // The launcher's channel would keep the process alive after its work is done.
  if (process.connected) process.disconnect();
}

/** One sentence for a person, and the exit code. A stack only where the fault is ours. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof UsherError) {
    console.error(`\nusher: ${error.message} [${error.code}]`);
    return 1;
  }
  console.error("\nusher: something unexpected happened; this is a fault of Usher's.");
  console.error(error);
  return 70;
}
