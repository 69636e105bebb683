import type { Context } from "hono";
import * as v from "valibot";
import * as limits from "../../release/limits.ts";
import { type ApiError, envelope, jsonBody, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";
import type { ControlPlaneUsage } from "./usage.ts";

const PairsSchema = v.array(
  v.object({
    key: v.string(),
    value: v.string(),
    base64: v.optional(v.boolean()),
    metadata: v.optional(v.unknown()),
    expiration_ttl: v.optional(v.pipe(v.number(), v.minValue(60))),
  }),
);
const KeysSchema = v.array(v.string());
type Pair = v.InferOutput<typeof PairsSchema>[number];

/** Keys of one bulk read at most (`POST bulk/get`). */
const BULK_READ_KEYS = 100;

/** `PUT bulk`: all pairs are checked before the first is stored; each is stored on its own. */
export function bulkWrite(usage: ControlPlaneUsage) {
  return async (c: Context<FaultVariables>): Promise<Response> => {
    if (Number(c.req.header("content-length") ?? 0) > limits.KV_BULK_BYTES) {
      return refuse(c, { status: 413, code: 10026, message: "bulk write is larger than 100 MB" });
    }
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const pairs = v.safeParse(PairsSchema, body.value);
    if (!pairs.success) {
      return refuse(c, {
        status: 400,
        code: 10012,
        message: `invalid pairs: ${v.summarize(pairs.issues)}`,
      });
    }
    if (pairs.output.length > limits.KV_BULK_PAIRS) {
      return refuse(c, {
        status: 400,
        code: 10030,
        message: "a bulk write takes 10,000 pairs at most",
      });
    }
    const problem = pairs.output.map(problemOf).find((found) => found !== null);
    if (problem !== undefined && problem !== null) return refuse(c, problem);
    const leftOut = pairs.output.slice(0, c.get("keysLeftOut"));
    for (const pair of pairs.output.slice(leftOut.length)) {
      const value = bytesOf(pair);
      await c.get("kv").put(pair.key, value, {
        ...(pair.metadata === undefined ? {} : { metadata: pair.metadata }),
        ...(pair.expiration_ttl === undefined ? {} : { expirationTtl: pair.expiration_ttl }),
      });
      usage.writes += 1;
      usage.bytesWritten += value.byteLength;
    }
    return c.json(
      outcome(
        pairs.output.length,
        leftOut.map((pair) => pair.key),
      ),
    );
  };
}

/** `POST bulk/delete`: a key that is not there counts as deleted. */
export function bulkDelete(usage: ControlPlaneUsage) {
  return async (c: Context<FaultVariables>): Promise<Response> => {
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const keys = v.safeParse(KeysSchema, body.value);
    if (!keys.success || keys.output.length > limits.KV_BULK_PAIRS) {
      return refuse(c, {
        status: 400,
        code: 10030,
        message: "a bulk delete takes up to 10,000 keys",
      });
    }
    const leftOut = keys.output.slice(0, c.get("keysLeftOut"));
    for (const key of keys.output.slice(leftOut.length)) await c.get("kv").delete(key);
    usage.deletes += keys.output.length - leftOut.length;
    return c.json(outcome(keys.output.length, leftOut));
  };
}

/** `POST bulk/get`: up to 100 values as text, null for a key that is not there. */
export function bulkRead(usage: ControlPlaneUsage) {
  return async (c: Context<FaultVariables>): Promise<Response> => {
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const asked = v.safeParse(v.object({ keys: KeysSchema }), body.value);
    if (!asked.success || asked.output.keys.length > BULK_READ_KEYS) {
      return refuse(c, { status: 400, code: 10030, message: "a bulk read takes up to 100 keys" });
    }
    const values: Record<string, string | null> = {};
    for (const key of asked.output.keys) {
      const value = await c.get("kv").get(key, "arrayBuffer");
      values[key] = value === null ? null : new TextDecoder().decode(value);
    }
    usage.reads += asked.output.keys.length;
    return c.json(envelope({ values }));
  };
}

function outcome(keys: number, unsuccessful: readonly string[]) {
  return envelope({
    successful_key_count: keys - unsuccessful.length,
    unsuccessful_keys: unsuccessful,
  });
}

function problemOf(pair: Pair): ApiError | null {
  const keyBytes = Buffer.byteLength(pair.key);
  if (keyBytes === 0 || keyBytes > limits.KV_KEY_BYTES || pair.key === "." || pair.key === "..") {
    return { status: 400, code: 10014, message: `key of ${keyBytes} bytes: 1 to 512 are allowed` };
  }
  if (Buffer.byteLength(JSON.stringify(pair.metadata ?? null)) > limits.KV_METADATA_BYTES) {
    return { status: 400, code: 10024, message: `metadata of ${pair.key} is over 1,024 bytes` };
  }
  if (bytesOf(pair).byteLength > limits.KV_VALUE_BYTES) {
    return { status: 413, code: 10033, message: `value of ${pair.key} is over 25 MiB` };
  }
  return null;
}

function bytesOf(pair: Pair): ArrayBuffer {
  return new Uint8Array(Buffer.from(pair.value, pair.base64 === true ? "base64" : "utf8")).buffer;
}
