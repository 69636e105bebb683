import { UsherError } from "../release/error.ts";
import { unreadable } from "../release/formats.ts";
import { manifestKey } from "../release/keys.ts";
import { parseManifest } from "../release/manifest.ts";
import { formatsReadBy } from "../sync/cron/api-formats.ts";
import type { KvStore } from "../sync/kv/store.ts";

const TIMEOUT_MS = 10_000;

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
  if (api === null) return;
  const health = () => fetch(`${api}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const asked = await formatsReadBy({ fetch: health });
  const bytes = asked.kind === "unknown" ? null : await store.read(manifestKey(release));
  if (asked.kind === "unknown" || bytes === null) return;
  const foreign = unreadable(parseManifest(new TextDecoder().decode(bytes)), asked.reads);
  if (foreign === null) return;
  throw new UsherError(
    "RELEASE_UNREADABLE",
    `The API Worker at ${api} cannot read ${foreign} of ${release}; what serves goes on serving. Deploy the version of the Worker that can, then try again.`,
  );
}

/**
 * Requires of each release that it is in KV, and that the API Worker can read it; null is what serves.
 *
 * @throws UsherError `UNKNOWN_RELEASE`, `RELEASE_UNREADABLE`; nothing has been written then.
 */
export async function requireServable(
  api: string | null,
  store: Pick<KvStore, "read">,
  releases: readonly (string | null)[],
): Promise<void> {
  for (const release of releases) {
    if (release === null) continue;
    if ((await store.read(manifestKey(release))) === null) throw unknown(release);
    await requireReadable(api, store, release);
  }
}

function unknown(release: string): UsherError {
  return new UsherError(
    "UNKNOWN_RELEASE",
    `KV has no release ${release}. "usher releases" lists those that were made; "usher push" brings one back.`,
  );
}
