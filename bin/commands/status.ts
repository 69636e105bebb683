import { Command } from "commander";
import { countStored } from "../../drizzle/events.ts";
import { POINTER_KEY, STAGED_KEY } from "../../release/keys.ts";
import { parsePointer, parseStaged } from "../../release/pointer.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher status`: what serves, what waits, what is stored. */
export function statusCommand(): Command {
  return new Command("status")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (options: { home?: string; json?: boolean }) => {
      const around = await findSurroundings(options.home);
      try {
        const [pointer, staged, stored] = await Promise.all([
          around.kv.read(POINTER_KEY),
          around.kv.read(STAGED_KEY),
          countStored(around.database),
        ]);
        const status = {
          place: around.place,
          api: around.api,
          pointer: pointer === null ? null : parsePointer(text(pointer)),
          staged: staged === null ? null : parseStaged(text(staged)),
          stored,
        };
        console.log(options.json === true ? JSON.stringify(status) : inWords(status));
      } finally {
        await around.close();
      }
    });
}

function inWords(status: {
  place: string;
  api: string | null;
  pointer: ReturnType<typeof parsePointer> | null;
  staged: ReturnType<typeof parseStaged> | null;
  stored: { events: number; users: number; items: number; quarantined: number };
}): string {
  const { pointer, staged, stored } = status;
  const serving =
    pointer === null
      ? 'nothing yet: run "usher cycle"'
      : `${pointer.arms.map((arm) => arm.release).join(", ")} since ${pointer.changedAt} (before it: ${pointer.previous ?? "none"})`;
  const waiting =
    staged === null ? "nothing" : `${staged.release} (${staged.verified} values verified)`;
  return [
    `place    ${status.place}${status.api === null ? "" : `, API at ${status.api}`}`,
    `serving  ${serving}`,
    `staged   ${waiting}`,
    `stored   ${stored.events} events, ${stored.users} users, ${stored.items} items, ${stored.quarantined} quarantined rows`,
  ].join("\n");
}

function text(bytes: ArrayBuffer): string {
  return new TextDecoder().decode(bytes);
}
