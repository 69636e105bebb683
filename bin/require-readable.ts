import * as v from "valibot";
import { UsherError } from "../release/error.ts";
import { unreadable } from "../release/formats.ts";
import { manifestKey } from "../release/keys.ts";
import { parseManifest } from "../release/manifest.ts";
import type { KvStore } from "../sync/kv/store.ts";

const TIMEOUT_MS = 10_000;
const HealthSchema = v.object({ reads: v.record(v.string(), v.array(v.number())) });

/**
 * Asks the API Worker, before a command lets a release serve by its own write of the pointer, whether
 * it can read that release. One that cannot be asked stops nobody: a rollback may be the way back.
 *
 * @param api the API Worker's origin, null when it is not known.
 * @throws UsherError `RELEASE_UNREADABLE`; nothing has been written then.
 */
export async function requireReadable(
  api: string | null,
  store: Pick<KvStore, "read">,
  release: string,
): Promise<void> {
  const reads = api === null ? null : await readsOf(api);
  const bytes = reads === null ? null : await store.read(manifestKey(release));
  if (reads === null || bytes === null) return;
  const foreign = unreadable(parseManifest(new TextDecoder().decode(bytes)), reads);
  if (foreign === null) return;
  throw new UsherError(
    "RELEASE_UNREADABLE",
    `The API Worker at ${api} cannot read ${foreign} of ${release}; what serves goes on serving. Deploy the version of the Worker that can, then try again.`,
  );
}

async function readsOf(api: string): Promise<Readonly<Record<string, readonly number[]>> | null> {
  const response = await fetch(`${api}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    () => null,
  );
  const health = v.safeParse(HealthSchema, await response?.json().catch(() => null));
  return health.success ? health.output.reads : null;
}
