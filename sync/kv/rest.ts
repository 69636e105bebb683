import pRetry, { AbortError } from "p-retry";
import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import type { KvEntry, KvStore, KvValue } from "./store.ts";

/** Where and as whom to talk to Cloudflare's REST API. */
export interface RestAccess {
  /** `https://api.cloudflare.com/client/v4`, or a local stand-in. */
  readonly url: string;
  readonly accountId: string;
  readonly namespaceId: string;
  /** API token with the permission "Workers KV Storage: Edit". */
  readonly token: string;
  /** Attempts at one request before giving up; 6 by default (about 30 s of backing off). */
  readonly attempts?: number;
  readonly onRetry?: (message: string) => void;
}

const EnvelopeSchema = v.object({
  success: v.boolean(),
  errors: v.array(v.object({ code: v.optional(v.number()), message: v.string() })),
  result: v.unknown(),
  result_info: v.optional(v.object({ cursor: v.optional(v.string()) })),
});

const WriteResultSchema = v.object({ unsuccessful_keys: v.optional(v.array(v.string()), []) });

const ListedKeysSchema = v.array(
  v.object({
    name: v.string(),
    metadata: v.optional(v.nullable(v.object({ sha256: v.optional(v.string()) }))),
  }),
);

/** Workers KV over Cloudflare's REST API. */
export function restKvStore(access: RestAccess): KvStore {
  const base = `${access.url}/accounts/${access.accountId}/storage/kv/namespaces/${access.namespaceId}`;
  return {
    list: (prefix) => listKeys(access, base, prefix),
    write: (values) => writeBulk(access, base, values),
    read: (key) => readValue(access, `${base}/values/${encodeURIComponent(key)}`),
    delete: async (keys) => {
      if (keys.length > 0) await ask(access, `${base}/bulk/delete`, "POST", JSON.stringify(keys));
    },
  };
}

async function* listKeys(
  access: RestAccess,
  base: string,
  prefix: string,
): AsyncGenerator<KvEntry> {
  let cursor = "";
  do {
    const query = new URLSearchParams({ prefix, limit: "1000", ...(cursor ? { cursor } : {}) });
    const envelope = await ask(access, `${base}/keys?${query}`, "GET");
    for (const key of v.parse(ListedKeysSchema, envelope.result)) {
      yield { key: key.name, sha256: key.metadata?.sha256 ?? null };
    }
    cursor = envelope.result_info?.cursor ?? "";
  } while (cursor !== "");
}

async function writeBulk(
  access: RestAccess,
  base: string,
  values: readonly KvValue[],
): Promise<void> {
  let pending = values;
  await attempt(access, async () => {
    const body = JSON.stringify(pending.map(bulkPair));
    const envelope = await askOnce(access, `${base}/bulk`, "PUT", body);
    const failed = new Set(v.parse(WriteResultSchema, envelope.result).unsuccessful_keys);
    if (failed.size === 0) return;
    pending = pending.filter((value) => failed.has(value.key));
    throw new UsherError("KV_PARTIAL", `Cloudflare did not store ${failed.size} keys of a batch.`);
  });
}

function bulkPair(value: KvValue) {
  return {
    key: value.key,
    value: base64(value.bytes),
    base64: true,
    ...(value.sha256 === undefined ? {} : { metadata: { sha256: value.sha256 } }),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

async function readValue(access: RestAccess, url: string): Promise<ArrayBuffer | null> {
  return attempt(access, async () => {
    const response = await send(access, url, "GET");
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) throw await refusal(response);
    return response.arrayBuffer();
  });
}

function ask(access: RestAccess, url: string, method: string, body?: string) {
  return attempt(access, () => askOnce(access, url, method, body));
}

async function askOnce(access: RestAccess, url: string, method: string, body?: string) {
  const response = await send(access, url, method, body);
  if (!response.ok) throw await refusal(response);
  const envelope = v.safeParse(EnvelopeSchema, await response.json());
  if (!envelope.success) {
    throw new UsherError("KV_REST_ANSWER", `${url} answered something that is not Cloudflare's.`);
  }
  if (!envelope.output.success) throw new AbortError(sentence(url, envelope.output.errors));
  return envelope.output;
}

function send(access: RestAccess, url: string, method: string, body?: string): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${access.token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    signal: AbortSignal.timeout(120_000),
    ...(body === undefined ? {} : { body }),
  });
}

/** 429 and 5xx are worth another try, after the time the answer asks for; the rest is final. */
async function refusal(response: Response): Promise<Error> {
  const text = await response.text();
  const parsed = v.safeParse(EnvelopeSchema, parseJson(text));
  const reasons = parsed.success ? parsed.output.errors : [{ message: text.slice(0, 200) }];
  const message = `${sentence(response.url, reasons)} (HTTP ${response.status})`;
  if (response.status !== 429 && response.status < 500) {
    return new AbortError(new UsherError("KV_REST_REFUSED", message));
  }
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  if (seconds > 0) await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return new UsherError("KV_REST_BUSY", message);
}

function attempt<T>(access: RestAccess, action: () => Promise<T>): Promise<T> {
  return pRetry(action, {
    retries: (access.attempts ?? 6) - 1,
    minTimeout: 500,
    factor: 2,
    randomize: true,
    onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => {
      if (retriesLeft > 0)
        access.onRetry?.(`attempt ${attemptNumber} failed, trying again: ${error.message}`);
    },
  });
}

function sentence(url: string, errors: readonly { message: string }[]): string {
  const what = errors.map((error) => error.message).join("; ") || "no reason given";
  return `Workers KV refused ${new URL(url).pathname}: ${what}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
