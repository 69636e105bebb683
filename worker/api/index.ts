/** The API Worker: lists from memory, the app of `app.ts` for the rest, and the compiled scan kernel. */
import kernel from "../../release/wasm/scan.wasm";
import { app } from "./app.ts";
import type { ApiEnv } from "./environment.ts";
import { answerPurge } from "./purge.ts";
import { useScanKernel } from "./scan-kernel.ts";
import { answerTenant } from "./tenants.ts";
import { answerFromMemory } from "./warm-list.ts";

useScanKernel(kernel);

export { LiveProfile } from "./live-profile.ts";

export default {
  fetch: (request, env, context) =>
    answerFromMemory(request, env, context) ??
    answerPurge(request, context) ??
    answerTenant(request, env, context) ??
    app.fetch(request, env, context),
} satisfies ExportedHandler<ApiEnv>;
