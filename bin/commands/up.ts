import { Command, InvalidArgumentError } from "commander";
import { countStored, someUser } from "../../drizzle/events.ts";
import { type LocalCloud, startCloud } from "../../local/cloud.ts";
import { UsherError } from "../../release/error.ts";
import { readDirectory } from "../../trainer/import/read-directory.ts";
import { codeVersion } from "../code-version.ts";
import { runCycle } from "../cycle.ts";
import { chooseData, isImported, noteImported, requireFolder } from "../data-source.ts";
import { chooseHome, rememberHome } from "../homes.ts";
import { createProgress, type Progress } from "../progress.ts";
import { activeRelease } from "../publish.ts";
import { surroundingsOf } from "../surroundings.ts";
import { migrateTenants } from "../tenant-surroundings.ts";
import { importWithProgress } from "./import.ts";
import { waitForEnd } from "./wait-for-end.ts";

interface UpOptions {
  readonly data?: string;
  readonly home?: string;
  readonly port?: number;
  readonly once?: boolean;
}

/** `usher up`: the whole of Usher on this machine, from ratings to recommendations. */
export function upCommand(): Command {
  return new Command("up")
    .option("--data <dir>", "your ratings: MovieLens csv, .dat or u.data files")
    .option("--port <port>", "port of the API (default: 8787, or a free one)", parsePort)
    .option("--home <dir>", "where the data lives (default: a folder in .usher/ for each data set)")
    .option("--once", "stop again when everything is up and has answered")
    .action(up);
}

const DEFAULT_PORT = 8787;

async function up(options: UpOptions): Promise<void> {
  const progress = createProgress();
  const started = Date.now();
  // Ctrl-C counts from the first moment: what was started until then is stopped in order.
  const end = waitForEnd();
  if (options.data !== undefined) await requireFolder(options.data);
  const home = await chooseHome(options);
  progress.step(`Usher ${codeVersion()}, data in ${home.root}`);
  const cloud = await startCloud({
    home,
    ...(options.port === undefined ? { preferredPort: DEFAULT_PORT } : { port: options.port }),
    onStep: (message) => progress.step(message),
  });
  try {
    await rememberHome(home);
    const wish = new AbortController();
    // A training that nobody waits for any more would go on while all below it is stopped.
    const asked = end.asked.then(() => wish.abort());
    await Promise.race([asked, fillAndPublish(cloud, options, progress, wish.signal)]);
    if (end.wasAsked()) return;
    console.log(await welcome(cloud, Date.now() - started));
    if (options.once !== true) await end.asked;
  } finally {
    end.stopping();
    progress.step("Stopping: storing the last events, then Workers and Postgres");
    await cloud.stop();
    progress.done("everything that was started has ended");
  }
}

/** Imports and publishes what is missing; on a second start that is nothing. */
async function fillAndPublish(
  cloud: LocalCloud,
  options: UpOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const stored = await countStored(cloud.database);
  if (options.data !== undefined || stored.events === 0) {
    const source = await chooseData(cloud.home, options.data, progress);
    if (await isImported(cloud.home, source.folder)) {
      progress.done(`ratings are in the database already: ${source.description}`);
    } else {
      progress.step(`Ratings: ${source.description}`);
      const reading = await readDirectory(source.folder);
      await importWithProgress(cloud.database, source.folder, reading, progress);
      await noteImported(cloud.home, source.folder);
    }
  }
  const around = surroundingsOf(cloud);
  await migrateTenants(around);
  const active = await activeRelease(around.kv);
  if (active !== null) {
    progress.done(`release ${active} serves already; "npx usher cycle" trains on what is new`);
    return;
  }
  await runCycle(around, progress, { signal });
  await around.runCron?.("*/5 * * * *");
}

async function welcome(cloud: LocalCloud, milliseconds: number): Promise<string> {
  const user = encodeURIComponent((await someUser(cloud.database)) ?? "1");
  const item = await bestItem(cloud.api, user);
  const event = JSON.stringify({ userId: "ada", itemId: item, type: "rate", value: 5 });
  return `
Usher is up after ${(milliseconds / 1000).toFixed(1)} s.

  Explore      ${cloud.api}/
  Operate      ${cloud.api}/dashboard
  API          ${cloud.api} (open: no key is asked for here)
  Postgres     ${cloud.postgres.url}
  Logs         ${cloud.home.logs}

Try it:
  curl ${cloud.api}/recommend/${user}
  curl '${cloud.api}/v1/users/${user}/recommendations?limit=5'
  curl -X POST ${cloud.api}/v1/events -H 'content-type: application/json' -d '${event}'

Then "npx usher cycle" in another terminal trains on what is new, and "npx usher status" tells what
serves. Ctrl-C stops everything.
`;
}

/** The first recommendation of a user: asked over HTTP, so that "up" means that it answers. */
async function bestItem(api: string, user: string): Promise<string> {
  const response = await fetch(`${api}/recommend/${user}`);
  const text = await response.text();
  if (response.ok) return text.split(",")[0] ?? "1";
  throw new UsherError("NOT_ANSWERING", `${api} answers HTTP ${response.status}: ${text}`);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("a port is a whole number of 1 to 65535.");
}
