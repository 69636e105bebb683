import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "{release,events,experiments,drizzle,trainer,sync,worker,local,bin,bench,client,grafana,test}/**/*.test.ts",
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
