import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { StoriesFirst } from "./test/stories-first.ts";

// Hundreds of processes load the same few megabytes of code: they share what V8 made of it.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(
  new URL("node_modules/.cache/usher", import.meta.url),
);

export default defineConfig({
  test: {
    include: [
      "{release,events,experiments,drizzle,trainer,sync,worker,local,bin,bench,client,grafana,test}/**/*.test.ts",
    ],
    // For what hangs, not for what is slow: machines are shared, and stories start dozens of processes.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // A story waits for its Postgres and workerd as long as it computes, so that each core has a file.
    // Vitest's own default leaves a core free, which of two is half.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: StoriesFirst },
  },
});
