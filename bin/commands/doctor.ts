import { Command } from "commander";
import { checksInWords, examineSurroundings } from "../examine.ts";

/** `usher doctor`: looks at everything that must work, and says what to do about what does not. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (options: { home?: string; json?: boolean }) => {
      const checks = await examineSurroundings(options.home);
      const healthy = checks.every((check) => check.verdict !== "failure");
      console.log(
        options.json === true ? JSON.stringify({ healthy, checks }) : checksInWords(checks),
      );
      if (!healthy) process.exitCode = 1;
    });
}
