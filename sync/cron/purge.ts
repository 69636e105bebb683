/** Where cached answers can be made to go. */
export interface CachePurge {
  /** Purges every answer that carries one of these tags; gives what came of it, in a word. */
  purge(tags: readonly string[]): Promise<string>;
}

/** The part of a service binding that a purge needs. */
export interface ApiBinding {
  fetch(
    url: string,
    init: { method: string; headers: Record<string, string>; body: string },
  ): Promise<{ ok: boolean; status: number }>;
}

/** A name that no public request can have: it is reached through the service binding only. */
const PURGE_URL = "https://usher.internal/purge";

/**
 * Purges through the API Worker: Workers Cache belongs to the Worker and entrypoint that filled it,
 * and neither another Worker nor a zone's purge reaches it.
 *
 * A purge that fails is told, not thrown: answers then expire by their max-age of a minute.
 */
export function purgeThrough(api: ApiBinding | undefined): CachePurge {
  return {
    purge: async (tags) => {
      if (api === undefined) return "not bound to the API Worker; answers expire by themselves";
      try {
        const headers = { "content-type": "application/json" };
        const init = { method: "POST", headers, body: JSON.stringify({ tags }) };
        const response = await api.fetch(PURGE_URL, init);
        return response.ok ? "purged" : `the API Worker answered ${response.status}`;
      } catch (error) {
        return `failed: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  };
}
