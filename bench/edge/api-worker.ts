import { fileURLToPath } from "node:url";
import { bundleScript } from "../../local/worker-bundles.ts";
import type { BenchWorker } from "./workerd.ts";

const API = fileURLToPath(new URL("../../worker/api/index.ts", import.meta.url));

/** What everything is compared with: as little as a Worker can do. */
export const HELLO: BenchWorker = {
  name: "hello",
  bundle: { script: 'export default { fetch: () => new Response("hello") };', wasm: [] },
};

/** The API Worker as it is deployed, over the KV of files. */
export async function apiWorker(pointerRefreshSeconds = 10): Promise<BenchWorker> {
  return {
    name: "api",
    bundle: await bundleScript(API, { minify: true }),
    bindings: [
      '(name = "RELEASES", kvNamespace = "kv")',
      `(name = "POINTER_REFRESH_SECONDS", text = "${pointerRefreshSeconds}")`,
      '(name = "CORS_ORIGINS", text = "*")',
    ],
  };
}
