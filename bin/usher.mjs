#!/usr/bin/env node
/**
 * Starts the `usher` command under the Node that this project pins, whatever Node runs this file.
 *
 * The command runs in a process group of its own: a Ctrl-C in the terminal reaches this launcher
 * alone, which passes it on, so that Workers, queue and Postgres are stopped in order instead of
 * all being struck at once. Should this launcher be killed, the channel between the two closes and
 * the command stops by itself.
 *
 * What V8 made of the code is kept beside it, where only those can write who can change the code:
 * a command starts with a third less CPU then. Where nobody may write there, nothing is kept.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const pinned = path.resolve(here, "../node_modules/node/bin/node");
const node = existsSync(pinned) ? pinned : process.execPath;
const compiled = path.resolve(here, "../node_modules/.cache/usher");

const child = spawn(
  node,
  ["--disable-warning=ExperimentalWarning", path.join(here, "usher.ts"), ...process.argv.slice(2)],
  {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    detached: process.platform !== "win32",
    env: { NODE_COMPILE_CACHE: compiled, ...process.env },
  },
);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal === "SIGHUP" ? "SIGTERM" : signal));
}
child.on("error", (error) => {
  console.error(`usher cannot start ${node}: ${error.message}\nRun "npm ci" first.`);
  process.exitCode = 1;
});
child.on("exit", (code, signal) => {
  // As a shell counts: 130 after a Ctrl-C, 143 after SIGTERM.
  process.exitCode = code ?? (signal === null ? 1 : 128 + constants.signals[signal]);
});
