import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { UsherError } from "../../release/error.ts";
import { parseSpeed, readHistory, replay } from "../../trainer/import/replay.ts";
import { openSource, withSource } from "../import-source.ts";
import { postEvents } from "../post-events.ts";
import { createProgress } from "../progress.ts";
import { findSurroundings } from "../surroundings.ts";

type ReplayChoices = Parameters<typeof openSource>[1] & {
  speed: string;
  limit?: string;
  home?: string;
  json?: boolean;
};

/** `usher replay FILE --speed 10x`: a history as live traffic against `POST /v1/events`. */
export function replayCommand(): Command {
  return withSource(new Command("replay"))
    .option("--speed <factor>", "how many times as fast as it happened: 10x, 0.5x, max", "1x")
    .option("--limit <events>", "send only the first so many")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the summary as one JSON object")
    .action(runReplay);
}

async function runReplay(place: string | undefined, options: ReplayChoices): Promise<void> {
  const speed = parseSpeed(options.speed);
  const around = await findSurroundings(options.home);
  const progress = createProgress();
  try {
    const api = around.api;
    if (api === null) {
      throw new UsherError("API_UNKNOWN", "Set USHER_API to the origin of the API Worker.");
    }
    progress.step(`Replaying ${place ?? "standard input"} at ${options.speed}`);
    const history = await readHistory(await openSource(place, options));
    const events = history.slice(0, limitOf(options.limit));
    const summary = await replay(events, {
      speed,
      send: (call) => postEvents(api, process.env["USHER_API_KEY"], call),
      sleep: (ms) => sleep(ms),
      clock: () => performance.now(),
      onProgress: (sent, total, at) =>
        progress.update(`${sent} events, ${new Date(at).toISOString()}`, sent / total),
    });
    progress.done(
      `${summary.accepted} accepted, ${summary.duplicates} known already, ${summary.rejected} rejected, in ${summary.calls} calls`,
    );
    if (options.json === true) console.log(JSON.stringify(summary));
  } finally {
    await around.close();
  }
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new UsherError("REPLAY_LIMIT", `--limit is "${text}"; it takes a whole number from 1.`);
}
