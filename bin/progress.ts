import { Presets, SingleBar } from "cli-progress";

/** Tells a person how long work goes: a line a step, and a bar where the share done is known. */
export interface Progress {
  step(message: string): void;
  /** A line beside the step's own: something to know that is neither its start nor its end. */
  note(message: string): void;
  /** @param fraction share done, 0..1; null when it cannot be known. */
  update(message: string, fraction: number | null): void;
  done(message: string): void;
}

/** Without a terminal a bar is a line at each quarter. */
const QUARTERS = 4;
/** There, work whose share cannot be known is a line so often, in ms: it must not look dead. */
const SIGN_OF_LIFE_MS = 10_000;

/** Progress on standard error, so that `--json` on standard output stays clean. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? terminalProgress(stream) : plainProgress(stream);
}

/** For `--quiet`, and for calls from tests. */
export const silentProgress: Progress = { step() {}, note() {}, update() {}, done() {} };

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  let bar: SingleBar | null = null;
  const clear = () => {
    bar?.stop();
    bar = null;
  };
  const start = () => {
    const options = { format: "  {bar} {percentage}% {message}", stream, clearOnComplete: true };
    const started = new SingleBar({ ...options, hideCursor: true }, Presets.shades_classic);
    started.start(100, 0, { message: "" });
    return started;
  };
  return {
    step(message) {
      clear();
      stream.write(`\x1b[1m▸\x1b[0m ${message}\n`);
    },
    note(message) {
      clear();
      stream.write(`  ${message}\n`);
    },
    update(message, fraction) {
      bar ??= start();
      bar.update(Math.round((fraction ?? 0) * 100), { message });
    },
    done(message) {
      clear();
      stream.write(`  \x1b[32m✓\x1b[0m ${message}\n`);
    },
  };
}

function plainProgress(stream: NodeJS.WriteStream): Progress {
  let quarter = -1;
  let heard = Date.now();
  return {
    step(message) {
      quarter = -1;
      heard = Date.now();
      stream.write(`> ${message}\n`);
    },
    note(message) {
      stream.write(`  ${message}\n`);
    },
    update(message, fraction) {
      const reached = fraction === null ? -1 : Math.floor(fraction * QUARTERS);
      const silent = fraction === null && Date.now() - heard >= SIGN_OF_LIFE_MS;
      if (reached <= quarter && !silent) return;
      if (fraction !== null) quarter = reached;
      heard = Date.now();
      stream.write(`  ${message}\n`);
    },
    done(message) {
      stream.write(`  done: ${message}\n`);
    },
  };
}
