import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { UsherError } from "../../release/error.ts";
import { planRemoval, type RemovalPlan } from "../setup/destroy.ts";
import { addDeploymentOptions, type DeploymentChoices, setupOptions } from "./setup.ts";

interface DestroyChoices extends DeploymentChoices {
  readonly database?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `usher destroy`: takes away what `usher setup` made, after showing it. */
export function destroyCommand(): Command {
  return addDeploymentOptions(new Command("destroy"))
    .option("--database", "the Neon project or branch as well, with all its data")
    .option("--yes", "do not ask")
    .option("--dry-run", "only tell what would be removed")
    .action(async (choices: DestroyChoices) => {
      const options = setupOptions(choices);
      const plan = await planRemoval({ ...options, database: choices.database ?? false });
      console.log(inWords(plan));
      if (choices.dryRun === true || plan.removals.length === 0) {
        if (choices.dryRun !== true) await plan.finish();
        return;
      }
      if (choices.yes !== true) await confirm(choices.name);
      for (const { what, remove } of plan.removals) {
        await remove();
        options.progress.done(`removed ${what}`);
      }
      await plan.finish();
    });
}

function inWords({ removals, kept }: RemovalPlan): string {
  const lines = removals.map(({ what }) => `  ${what}`);
  return [
    removals.length === 0 ? "There is nothing to remove." : "To be removed, in this order:",
    ...lines,
    ...kept.map((what) => `Stays: ${what}`),
  ].join("\n");
}

async function confirm(name: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UsherError(
      "NOT_CONFIRMED",
      "Nothing was removed: there is nobody to ask. Add --yes.",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`Type "${name}" to remove all of this: `);
    if (answer.trim() === name) return;
  } finally {
    terminal.close();
  }
  throw new UsherError("NOT_CONFIRMED", "Nothing was removed.");
}
