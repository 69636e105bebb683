import type { Context } from "hono";
import * as limits from "../../release/limits.ts";
import { envelope, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";
import type { ControlPlaneUsage } from "./usage.ts";

const PAGE_KEYS = { least: 10, most: 1_000 };

/** `GET keys`: names with metadata, ascending, a page and the cursor of the next one. */
export function listKeys(usage: ControlPlaneUsage) {
  return async (c: Context<FaultVariables>): Promise<Response> => {
    const limit = Number(c.req.query("limit") ?? PAGE_KEYS.most);
    if (!(limit >= PAGE_KEYS.least && limit <= PAGE_KEYS.most)) {
      return refuse(c, { status: 400, code: 10011, message: "limit must be 10 to 1000" });
    }
    const prefix = c.req.query("prefix");
    const cursor = c.req.query("cursor");
    usage.lists += 1;
    const page = await c.get("kv").list({
      limit,
      ...(prefix === undefined ? {} : { prefix }),
      ...(cursor === undefined || cursor === "" ? {} : { cursor }),
    });
    const next = page.list_complete ? "" : page.cursor;
    return c.json(envelope(page.keys, { result_info: { count: page.keys.length, cursor: next } }));
  };
}

/** `GET values/:key`: the bare bytes, without an envelope. */
export function readValue(usage: ControlPlaneUsage) {
  return async (c: Context<FaultVariables>): Promise<Response> => {
    usage.reads += 1;
    const value = await c.get("kv").get(keyOf(c), "arrayBuffer");
    if (value === null) {
      return refuse(c, { status: 404, code: 10009, message: "get: 'key not found'" });
    }
    return c.body(value, 200, { "content-type": "application/octet-stream" });
  };
}

/** `PUT values/:key`: the body is the value. */
export function writeValue(usage: ControlPlaneUsage) {
  return async (c: Context<FaultVariables>): Promise<Response> => {
    const key = keyOf(c);
    if (Buffer.byteLength(key) > limits.KV_KEY_BYTES) {
      return refuse(c, { status: 400, code: 10014, message: "a key has 512 bytes at most" });
    }
    const value = await c.req.arrayBuffer();
    if (value.byteLength > limits.KV_VALUE_BYTES) {
      return refuse(c, { status: 413, code: 10033, message: `value of ${key} is over 25 MiB` });
    }
    await c.get("kv").put(key, value, {});
    usage.writes += 1;
    usage.bytesWritten += value.byteLength;
    return c.json(envelope({}));
  };
}

/** `DELETE values/:key`: a key that is not there is deleted already. */
export function deleteValue(usage: ControlPlaneUsage) {
  return async (c: Context<FaultVariables>): Promise<Response> => {
    await c.get("kv").delete(keyOf(c));
    usage.deletes += 1;
    return c.json(envelope({}));
  };
}

/** Hono has undone the URL's escapes already: a key with a `%` of its own must not be decoded twice. */
function keyOf(c: Context<FaultVariables>): string {
  return c.req.param("key") ?? "";
}
