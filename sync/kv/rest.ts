import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { KV_BULK_PAIRS } from "../../release/limits.ts";
import { PassingFailure, type RestAccess, RestClient } from "./request.ts";
import type { KvEntry, KvStore, KvValue } from "./store.ts";

export type { RestAccess } from "./request.ts";

const OutcomeSchema = v.nullish(
  v.object({ unsuccessful_keys: v.optional(v.array(v.string()), []) }),
  { unsuccessful_keys: [] },
);

const ListedKeysSchema = v.array(
  v.object({
    name: v.string(),
    metadata: v.optional(v.nullable(v.object({ sha256: v.optional(v.string()) }))),
  }),
);

/** Workers KV over Cloudflare's REST API. */
export function restKvStore(access: RestAccess): KvStore {
  const client = new RestClient(access);
  return {
    list: (prefix) => listKeys(client, prefix),
    write: (values) => writeBulk(client, values),
    read: (key) => client.attempt(() => client.bytes(`/values/${encodeURIComponent(key)}`)),
    delete: (keys) => deleteBulk(client, keys),
  };
}

async function* listKeys(client: RestClient, prefix: string): AsyncGenerator<KvEntry> {
  let cursor = "";
  do {
    const query = new URLSearchParams({ prefix, limit: "1000", ...(cursor ? { cursor } : {}) });
    const page = await client.attempt(() => client.envelope("GET", `/keys?${query}`));
    for (const key of parseResult(ListedKeysSchema, page.result)) {
      yield { key: key.name, sha256: key.metadata?.sha256 ?? null };
    }
    const next = page.result_info?.cursor ?? "";
    if (next !== "" && next === cursor) {
      throw new UsherError(
        "KV_REST_ANSWER",
        `The listing of "${prefix}" does not get on: Cloudflare gave the same cursor twice. Try again.`,
      );
    }
    cursor = next;
  } while (cursor !== "");
}

async function writeBulk(client: RestClient, values: readonly KvValue[]): Promise<void> {
  let pending = values;
  await client.attempt(async () => {
    const body = JSON.stringify(pending.map(bulkPair));
    const { result } = await client.envelope("PUT", "/bulk", body);
    const failed = new Set(parseResult(OutcomeSchema, result)?.unsuccessful_keys);
    pending = pending.filter((value) => failed.has(value.key));
    requireAll(
      pending.map((value) => value.key),
      "store",
    );
  });
}

async function deleteBulk(client: RestClient, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += KV_BULK_PAIRS) {
    let pending = keys.slice(from, from + KV_BULK_PAIRS);
    await client.attempt(async () => {
      const { result } = await client.envelope("POST", "/bulk/delete", JSON.stringify(pending));
      const failed = new Set(parseResult(OutcomeSchema, result)?.unsuccessful_keys);
      pending = pending.filter((key) => failed.has(key));
      requireAll(pending, "delete");
    });
  }
}

/** What a bulk call lists as unsuccessful "should be retried": those keys alone, after a pause. */
function requireAll(failed: readonly string[], what: "store" | "delete"): void {
  if (failed.length === 0) return;
  throw new PassingFailure(
    "KV_PARTIAL",
    `Workers KV did not ${what} ${failed.length} keys of a batch (first: ${failed[0]}).`,
  );
}

function bulkPair({ key, bytes, sha256 }: KvValue) {
  const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return { key, value, base64: true, ...(sha256 === undefined ? {} : { metadata: { sha256 } }) };
}

function parseResult<Schema extends v.GenericSchema>(
  schema: Schema,
  result: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, result);
  if (parsed.success) return parsed.output;
  throw new PassingFailure(
    "KV_REST_ANSWER",
    `Cloudflare's answer is not what it documents: ${v.summarize(parsed.issues)}.`,
  );
}
