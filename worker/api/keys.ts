import type { Context } from "hono";
import * as v from "valibot";
import { tenantName } from "../../release/tenant.ts";
import type { ApiContext } from "./environment.ts";
import { Problem } from "./problem.ts";

/** What a key may be used for: send events, read what is held about people, operate the service. */
export const SCOPES = ["events", "read", "operate"] as const;
export type Scope = (typeof SCOPES)[number];

const apiKeys = v.array(
  v.strictObject({
    name: v.string(),
    /** SHA-256 of the key, in hex: a key is 256 random bits, which no slow hash would make safer. */
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    scopes: v.array(v.picklist(SCOPES)),
    /** Whose catalogue it opens; the deployment's own when left out. None opens two. */
    tenant: v.optional(tenantName),
  }),
);
type ApiKey = v.InferOutput<typeof apiKeys>[number];

let parsed: { readonly text: string; readonly keys: readonly ApiKey[] } | null = null;

/**
 * Lets a request with a key of this scope pass, in `Authorization: Bearer` or `X-Api-Key`.
 *
 * Without any key configured and with `KEYS_REQUIRED = "false"`, as on a developer's machine,
 * everybody may.
 *
 * @returns the key's name, null when everybody may.
 * @throws Problem 401 without a known key, 403 without the scope, 503 for a secret that is not valid.
 */
export async function requireScope(c: Context<ApiContext>, scope: Scope): Promise<string | null> {
  const keys = configuredKeys(c.env.API_KEYS);
  if (keys.length === 0) {
    if (c.env.KEYS_REQUIRED === "false") return null;
    throw unauthorized(
      'No API key is configured here. Make one with "usher keys" and store it as the secret API_KEYS.',
    );
  }
  const given = keyOf(c);
  if (given === undefined) throw unauthorized("Send an API key as Authorization: Bearer KEY.");
  const key = await findKey(keys, given);
  // A tenant's key is as good as none with everybody else.
  if (key === null || key.tenant !== c.env.TENANT?.name)
    throw unauthorized("This API key is not known.");
  if (key.scopes.includes(scope)) return key.name;
  throw new Problem(
    403,
    "SCOPE_MISSING",
    `The API key "${key.name}" may not do this: it has no scope "${scope}".`,
  );
}

function configuredKeys(text: string | undefined): readonly ApiKey[] {
  if (text === undefined || text === "") return [];
  if (parsed?.text === text) return parsed.keys;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), apiKeys), text);
  if (!result.success) {
    const issue = result.issues[0];
    // The path alone: what stands in the secret does not belong into a log.
    const where = v.getDotPath(issue) ?? "the document";
    console.error(JSON.stringify({ secret: "API_KEYS", fault: where }));
    throw new Problem(503, "API_KEYS_INVALID", `The secret API_KEYS is not valid at ${where}.`);
  }
  parsed = { text, keys: result.output };
  return parsed.keys;
}

function keyOf(c: Context<ApiContext>): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  return bearer ?? c.req.header("x-api-key");
}

/** Every key is compared, whichever fits, and each comparison takes as long as any other. */
async function findKey(keys: readonly ApiKey[], given: string): Promise<ApiKey | null> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(given));
  let found: ApiKey | null = null;
  for (const key of keys) {
    if (crypto.subtle.timingSafeEqual(digest, bytesOfHex(key.sha256))) found = key;
  }
  return found;
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16));
}

function unauthorized(message: string): Problem {
  return new Problem(401, "UNAUTHORIZED", message, {
    headers: { "www-authenticate": 'Bearer realm="usher"' },
  });
}
