import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { sourceTag, WORKER_FOLDERS } from "./source-tag.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRIES = ["worker/api/index.ts", "worker/consumer/index.ts", "sync/cron/index.ts"];

test("every file of ours that a Worker is built from counts for its tag", async () => {
  const { metafile } = await build({
    entryPoints: ENTRIES,
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    outdir: "unwritten",
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*", "*.wasm"],
    loader: { ".html": "text", ".txt": "text" },
    logLevel: "silent",
  });
  const ours = Object.keys(metafile.inputs).filter((file) => !file.startsWith("node_modules/"));
  expect(ours.length).toBeGreaterThan(50);
  const uncounted = ours.filter((file) => !WORKER_FOLDERS.includes(file.split("/")[0]!));
  expect(uncounted).toEqual([]);
});

test("code, configuration and secret each change the tag, and nothing of them can be read from it", () => {
  const tag = sourceTag("code", ["configuration", "secret"]);
  expect(tag).toMatch(/^[0-9a-f]{16}$/);
  expect(sourceTag("code", ["configuration", "secret"])).toBe(tag);
  const others = [
    sourceTag("other", ["configuration", "secret"]),
    sourceTag("code", ["other", "secret"]),
    sourceTag("code", ["configuration", "other"]),
    sourceTag("code", ["configurationsecret"]),
  ];
  expect(new Set([tag, ...others]).size).toBe(5);
});
