import type { Command } from "commander";
import { UsherError } from "../release/error.ts";

/** Commands that would otherwise do to the deployment's own catalogue what was meant for a tenant's. */
const OF_THE_DEPLOYMENT: ReadonlySet<string> = new Set([
  "up",
  "setup",
  "rollout",
  "destroy",
  "fallback",
  "tenants",
]);

/** Lets a command, and those below it, take `--tenant`, unless it works on the whole deployment. */
export function takeTenant(command: Command): Command {
  if (OF_THE_DEPLOYMENT.has(command.name())) return command;
  command.option("--tenant <name>", "whose catalogue (or USHER_TENANT; default: the deployment's)");
  for (const below of command.commands) takeTenant(below as Command);
  return command;
}

/**
 * Tells whoever looks for surroundings which tenant was asked for, before a command runs.
 *
 * @throws UsherError `NOT_OF_A_TENANT` where `USHER_TENANT` meets a command on the whole deployment.
 */
export function workForTenant(action: Command): void {
  const { tenant } = action.optsWithGlobals<{ tenant?: string }>();
  if (tenant !== undefined) process.env["USHER_TENANT"] = tenant;
  const name = nameOf(action);
  if (!OF_THE_DEPLOYMENT.has(name) || (process.env["USHER_TENANT"] ?? "") === "") return;
  throw new UsherError(
    "NOT_OF_A_TENANT",
    `"usher ${name}" works on the whole deployment: leave USHER_TENANT out.`,
  );
}

/** The command of the table that an action belongs to. */
function nameOf(action: Command): string {
  const { parent } = action;
  return parent === null || parent.parent === null ? action.name() : nameOf(parent);
}
