import { createHash, randomBytes } from "node:crypto";

/** What an API key may be used for. */
export const SCOPES = ["events", "read", "operate"];

/** A new API key, and its entry for the secret `API_KEYS`, which holds only its hash. */
export function newApiKey(name: string, scopes: readonly string[]) {
  const key = `usher_${randomBytes(32).toString("base64url")}`;
  return { key, entry: { name, sha256: createHash("sha256").update(key).digest("hex"), scopes } };
}
