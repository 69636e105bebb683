/** Requests of one probing. */
const PROBES = 10;
const TIMEOUT_MS = 10_000;

/**
 * Asks one version of the API whether it is ready, whatever its share of the traffic: it then reads
 * the pointer and the release that serves, so that a version which cannot read it is found out.
 *
 * @returns what went wrong, or null.
 */
export async function probeVersion(
  api: string,
  script: string,
  version: string,
): Promise<string | null> {
  // https://developers.cloudflare.com/workers/configuration/versions-and-deployments/gradual-deployments/
  const headers = { "cloudflare-workers-version-overrides": `${script}="${version}"` };
  for (let probe = 0; probe < PROBES; probe++) {
    try {
      const response = await fetch(`${api}/readyz`, {
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      if (!response.ok) return `${api}/readyz answered ${response.status}: ${text.slice(0, 200)}`;
    } catch (error) {
      return `${api}/readyz did not answer: ${error instanceof Error ? error.message : error}`;
    }
  }
  return null;
}
