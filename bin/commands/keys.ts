import { Command } from "commander";
import { UsherError } from "../../release/error.ts";
import { newApiKey, SCOPES } from "../api-key.ts";
import { askedTenant } from "../tenant-surroundings.ts";

/** `usher keys NAME --scope events`: a new API key, and its entry for the secret API_KEYS. */
export function keysCommand(): Command {
  return new Command("keys")
    .argument("<name>", "whose key it is, as logs and rate limits name it")
    .option("--scope <scopes>", `what it may do, comma-separated: ${SCOPES.join(", ")}`, "events")
    .option("--json", "print key and entry as one JSON object")
    .action((name: string, options: { scope: string; json?: boolean }) => {
      const scopes = options.scope.split(",").map((scope) => scope.trim());
      const unknown = scopes.find((scope) => !SCOPES.includes(scope));
      if (unknown !== undefined) {
        const message = `There is no scope "${unknown}"; there are ${SCOPES.join(", ")}.`;
        throw new UsherError("UNKNOWN_SCOPE", message);
      }
      const { key, entry } = newApiKey(name, scopes, askedTenant());
      if (options.json === true) console.log(JSON.stringify({ key, entry }));
      else print(key, entry);
    });
}

function print(key: string, entry: unknown): void {
  console.log(`The key, shown this once:\n\n  ${key}\n`);
  console.log("Its entry in the JSON list that is the secret API_KEYS:\n");
  console.log(`  ${JSON.stringify(entry)}\n`);
  console.log("Store the list with: npx wrangler secret put API_KEYS");
}
