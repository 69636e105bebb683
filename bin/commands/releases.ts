import { Command, InvalidArgumentError } from "commander";
import { listReleases } from "../../drizzle/releases.ts";
import { controlKeysIn } from "../../sync/kv/control-keys.ts";
import { releaseRows, releasesInWords } from "../releases-table.ts";
import { findSurroundings } from "../surroundings.ts";

interface ReleasesOptions {
  readonly limit: number;
  readonly home?: string;
  readonly json?: boolean;
}

/** `usher releases`: what was made when, how good and how large it is, and what it does now. */
export function releasesCommand(): Command {
  return new Command("releases")
    .option("--limit <count>", "how many of the newest", asCount, 20)
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON array")
    .action(async (options: ReleasesOptions) => {
      const around = await findSurroundings(options.home);
      try {
        const [releases, keys] = await Promise.all([
          listReleases(around.database, options.limit),
          controlKeysIn(around.kv),
        ]);
        const rows = releaseRows(releases, keys);
        console.log(
          options.json === true ? JSON.stringify(rows) : releasesInWords(rows, new Date()),
        );
      } finally {
        await around.close();
      }
    });
}

function asCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("a whole number above 0.");
}
