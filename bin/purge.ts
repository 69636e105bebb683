/** Told to whoever changed the pointer and cannot reach the API Worker's cache. */
const BY_THEMSELVES = "cached answers go by themselves, the last after 11 minutes";
const TIMEOUT_MS = 10_000;

/**
 * Asks the API Worker to purge what it cached of releases that serve no more, once for a change, and
 * gives what came of it in words. Nothing hangs on it: caches make an answer anew once it is a
 * minute old, and show it a last time meanwhile if it is not older than 11 (`worker/api/answer.ts`).
 *
 * @param api the API Worker's origin, null when it is not known.
 * @param apiKey with the scope operate; not needed where no keys are configured.
 */
export async function purgeCached(
  api: string | null,
  apiKey: string | undefined,
  releases: readonly string[],
): Promise<string> {
  if (api === null) return `${BY_THEMSELVES}; with USHER_API and USHER_API_KEY they go at once`;
  const headers = {
    "content-type": "application/json",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  try {
    const response = await fetch(`${api}/v1/releases/purge`, {
      method: "POST",
      headers,
      body: JSON.stringify({ releases }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { purged, detail } = (await response.json()) as { purged?: string; detail?: string };
    if (purged === "purged") return "cached answers are purged";
    return `${BY_THEMSELVES}: ${purged ?? detail ?? `${api} answered ${response.status}`}`;
  } catch (error) {
    return `${BY_THEMSELVES}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
