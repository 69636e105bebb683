import { Command, InvalidArgumentError } from "commander";
import { countStored, someUser } from "../../drizzle/events.ts";
import { type LocalCloud, startCloud } from "../../local/cloud.ts";
import { UsherError } from "../../release/error.ts";
import { callsToTry } from "../calls-to-try.ts";
import { codeVersion } from "../code-version.ts";
import { runCycle } from "../cycle.ts";
import { chooseData, isImported, noteImported, requireFolder } from "../data-source.ts";
import { chooseHome, rememberHome } from "../homes.ts";
import { type FolderOptions, openFolder, withFolderFormat } from "../import-source.ts";
import { createProgress, type Progress } from "../progress.ts";
import { activeRelease } from "../publish.ts";
import { surroundingsOf } from "../surroundings.ts";
import { migrateTenants } from "../tenant-surroundings.ts";
import { importWithProgress } from "./import.ts";
import { waitForEnd } from "./wait-for-end.ts";

interface UpOptions extends FolderOptions {
  readonly data?: string;
  readonly home?: string;
  readonly port?: number;
  readonly once?: boolean;
}

/** `usher up`: the whole of Usher on this machine, from ratings to recommendations. */
export function upCommand(): Command {
  return withFolderFormat(new Command("up").option("--data <dir>", "folder of your ratings"))
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
  await requireData(options);
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

/** What cannot be read is told before anything is started. */
async function requireData(options: UpOptions): Promise<void> {
  if (options.data !== undefined) {
    await requireFolder(options.data);
    await openFolder(options.data, options);
  } else if (options.mapping !== undefined || options.format !== undefined) {
    throw new UsherError(
      "DATA_MISSING",
      "--mapping and --format say how your files are read: name their folder with --data DIR.",
    );
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
    if (await isImported(cloud.home, source.folder, options.mapping)) {
      progress.done(`ratings are in the database already: ${source.description}`);
    } else {
      progress.step(`Ratings: ${source.description}`);
      const reading = await openFolder(source.folder, options);
      await importWithProgress(cloud.database, source.folder, reading, progress);
      await noteImported(cloud.home, source.folder, options.mapping);
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
  return `
Usher is up after ${(milliseconds / 1000).toFixed(1)} s.

  Explore      ${cloud.api}/
  Operate      ${cloud.api}/dashboard
  API          ${cloud.api} (open: no key is asked for here)
  Postgres     ${cloud.postgres.url}
  Logs         ${cloud.home.logs}

Try it:
  ${callsToTry(cloud.api, user, item).join("\n  ")}

Then "npx usher cycle" in another terminal trains on what is new, and "npx usher status" tells what
serves. Ctrl-C stops everything.
`;
}

/** The first recommendation of a user: asked over HTTP, so that "up" means that it answers. */
async function bestItem(api: string, user: string): Promise<string> {
  const response = await fetch(`${api}/recommend/${user}`);
  const text = await response.text();
  // Who has touched everything there is gets an empty list.
  if (response.ok) return text.split(",")[0] || "1";
  throw new UsherError("NOT_ANSWERING", `${api} answers HTTP ${response.status}: ${text}`);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("a port is a whole number of 1 to 65535.");
}
