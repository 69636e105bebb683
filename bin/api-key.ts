import { createHash, randomBytes } from "node:crypto";

/** What an API key may be used for. */
export const SCOPES = ["events", "read", "operate"];

/**
 * A new API key, and its entry for the secret `API_KEYS`, which holds only its hash.
 *
 * @param tenant whose catalogue it opens; null for the deployment's own.
 */
export function newApiKey(name: string, scopes: readonly string[], tenant: string | null = null) {
  const key = `usher_${randomBytes(32).toString("base64url")}`;
  const sha256 = createHash("sha256").update(key).digest("hex");
  return { key, entry: { name, sha256, scopes, ...(tenant === null ? {} : { tenant }) } };
}
