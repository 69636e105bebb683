#!/usr/bin/env node
/**
 * Starts the `usher` command under the Node that this project pins, whatever Node runs this file.
 *
 * The command runs in a process group of its own: a Ctrl-C in the terminal reaches this launcher
 * alone, which passes it on, so that Workers, queue and Postgres are stopped in order instead of
 * all being struck at once. Should this launcher be killed, the channel between the two closes and
 * the command stops by itself.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const pinned = path.resolve(here, "../node_modules/node/bin/node");
const node = existsSync(pinned) ? pinned : process.execPath;

const child = spawn(
  node,
  ["--disable-warning=ExperimentalWarning", path.join(here, "usher.ts"), ...process.argv.slice(2)],
  { stdio: ["inherit", "inherit", "inherit", "ipc"], detached: process.platform !== "win32" },
);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal === "SIGHUP" ? "SIGTERM" : signal));
}
child.on("error", (error) => {
  console.error(`usher cannot start ${node}: ${error.message}\nRun "npm ci" first.`);
  process.exitCode = 1;
});
child.on("exit", (code, signal) => {
  // As a shell counts: 130 after a Ctrl-C, 137 after a kill that cannot be heard.
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
});
