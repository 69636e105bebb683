import { type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import * as limits from "../release/limits.ts";
import type { LocalKv } from "./workerd.ts";

/**
 * A stand-in for the part of Cloudflare's REST API that a push uses, over HTTP, on the local KV.
 *
 * Same paths, envelopes, status codes and limits as `api.cloudflare.com/client/v4` documents for
 * Workers KV: bearer token, 10,000 pairs and 100 MB a bulk write, 512-byte keys, 25 MiB values,
 * 1,024 bytes of metadata, 1,000 keys a listing, and 1,200 requests in 5 minutes for the account.
 */
export interface ControlPlane {
  /** Base URL to use in place of `https://api.cloudflare.com/client/v4`. */
  readonly url: string;
  readonly accountId: string;
  readonly namespaceId: string;
  readonly token: string;
  /** What was asked of it since it started, for tests and for the cost figures. */
  readonly usage: ControlPlaneUsage;
  stop(): Promise<void>;
}

export interface ControlPlaneUsage {
  requests: number;
  writes: number;
  deletes: number;
  bytesWritten: number;
}

interface BulkPair {
  key: string;
  value: string;
  base64?: boolean;
  metadata?: unknown;
  expiration_ttl?: number;
}

interface ApiError {
  status: 400 | 401 | 404 | 413 | 429;
  code: number;
  message: string;
}

const ACCOUNT = "local";
const NAMESPACE = "usher-releases";
/** The window of the account's request limit, in milliseconds. */
const RATE_WINDOW_MS = 5 * 60_000;

/** Starts the stand-in on loopback; `onCron` runs the cron Worker, as a scheduler tick would. */
export async function startControlPlane(options: {
  kv: LocalKv;
  token: string;
  port?: number;
  onCron: (cron: string) => Promise<void>;
}): Promise<ControlPlane> {
  const usage: ControlPlaneUsage = { requests: 0, writes: 0, deletes: 0, bytesWritten: 0 };
  const app = new Hono();
  const times: number[] = [];

  app.use("*", async (c, next) => {
    usage.requests += 1;
    if (c.req.header("authorization") !== `Bearer ${options.token}`) {
      return fail(c, { status: 401, code: 10000, message: "Authentication error" });
    }
    const wait = secondsToWait(times, Date.now());
    if (wait > 0) {
      c.header("Retry-After", String(wait));
      return fail(c, { status: 429, code: 10013, message: "Rate limited. Retry later." });
    }
    await next();
  });

  const base = "/client/v4/accounts/:account/storage/kv/namespaces/:namespace";
  app.use(`${base}/*`, async (c, next) => {
    const known = c.req.param("account") === ACCOUNT && c.req.param("namespace") === NAMESPACE;
    if (known) return next();
    return fail(c, { status: 404, code: 10013, message: "namespace not found" });
  });
  app.put(`${base}/bulk`, (c) => bulkWrite(c, options.kv, usage));
  app.post(`${base}/bulk/delete`, (c) => bulkDelete(c, options.kv, usage));
  app.get(`${base}/keys`, (c) => listKeys(c, options.kv));
  app.get(`${base}/values/:key{.+}`, (c) => readValue(c, options.kv));
  app.put(`${base}/values/:key{.+}`, (c) => writeValue(c, options.kv, usage));
  app.post("/scheduled/:cron", async (c) => {
    await options.onCron(decodeURIComponent(c.req.param("cron")));
    return c.json(envelope({}));
  });
  app.notFound((c) => fail(c, { status: 404, code: 7003, message: "No route for that URI" }));

  const server = await listen(app, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${server.port}/client/v4`,
    accountId: ACCOUNT,
    namespaceId: NAMESPACE,
    token: options.token,
    usage,
    stop: () => new Promise((resolve) => server.server.close(() => resolve())),
  };
}

async function listen(app: Hono, port: number): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, (info) =>
      resolve({ server, port: info.port }),
    );
    server.once("error", reject);
  });
}

/** Seconds until the account may ask again; 0 admits the request and counts it. */
function secondsToWait(times: number[], now: number): number {
  while (times.length > 0 && times[0]! <= now - RATE_WINDOW_MS) times.shift();
  if (times.length >= limits.REST_REQUESTS_PER_5_MINUTES) {
    return Math.ceil((times[0]! + RATE_WINDOW_MS - now) / 1000);
  }
  times.push(now);
  return 0;
}

async function bulkWrite(c: Context, kv: LocalKv, usage: ControlPlaneUsage): Promise<Response> {
  const body = await c.req.text();
  if (body.length > limits.KV_BULK_BYTES) {
    return fail(c, { status: 413, code: 10026, message: "bulk write is larger than 100 MB" });
  }
  const pairs = JSON.parse(body) as BulkPair[];
  if (!Array.isArray(pairs) || pairs.length > limits.KV_BULK_PAIRS) {
    return fail(c, { status: 400, code: 10030, message: "a bulk write takes 1 to 10,000 pairs" });
  }
  for (const pair of pairs) {
    const problem = problemOf(pair);
    if (problem !== null) return fail(c, problem);
  }
  for (const pair of pairs) {
    const value = bytesOf(pair);
    await kv.put(pair.key, value, {
      ...(pair.metadata === undefined ? {} : { metadata: pair.metadata }),
      ...(pair.expiration_ttl === undefined ? {} : { expirationTtl: pair.expiration_ttl }),
    });
    usage.writes += 1;
    usage.bytesWritten += value.byteLength;
  }
  return c.json(envelope({ successful_key_count: pairs.length, unsuccessful_keys: [] }));
}

function problemOf(pair: BulkPair): ApiError | null {
  const keyBytes = Buffer.byteLength(pair.key ?? "");
  if (keyBytes === 0 || keyBytes > limits.KV_KEY_BYTES) {
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

function bytesOf(pair: BulkPair): ArrayBuffer {
  const buffer = Buffer.from(pair.value, pair.base64 === true ? "base64" : "utf8");
  return exactBytes(buffer);
}

function exactBytes(buffer: Uint8Array): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}

async function bulkDelete(c: Context, kv: LocalKv, usage: ControlPlaneUsage): Promise<Response> {
  const keys = (await c.req.json()) as string[];
  if (!Array.isArray(keys) || keys.length > limits.KV_BULK_PAIRS) {
    return fail(c, { status: 400, code: 10030, message: "a bulk delete takes 1 to 10,000 keys" });
  }
  for (const key of keys) await kv.delete(key);
  usage.deletes += keys.length;
  return c.json(envelope({ successful_key_count: keys.length, unsuccessful_keys: [] }));
}

async function listKeys(c: Context, kv: LocalKv): Promise<Response> {
  const prefix = c.req.query("prefix");
  const cursor = c.req.query("cursor");
  const limit = Math.min(Number(c.req.query("limit") ?? 1000), 1000);
  const page = await kv.list({
    limit,
    ...(prefix === undefined ? {} : { prefix }),
    ...(cursor === undefined || cursor === "" ? {} : { cursor }),
  });
  return c.json({
    ...envelope(page.keys),
    result_info: { count: page.keys.length, cursor: page.list_complete ? "" : page.cursor },
  });
}

async function readValue(c: Context, kv: LocalKv): Promise<Response> {
  const key = decodeURIComponent(c.req.param("key") ?? "");
  const value = await kv.get(key, "arrayBuffer");
  if (value === null) return fail(c, { status: 404, code: 10009, message: "key not found" });
  return c.body(value, 200, { "content-type": "application/octet-stream" });
}

async function writeValue(c: Context, kv: LocalKv, usage: ControlPlaneUsage): Promise<Response> {
  const key = decodeURIComponent(c.req.param("key") ?? "");
  const value = await c.req.arrayBuffer();
  if (value.byteLength > limits.KV_VALUE_BYTES) {
    return fail(c, { status: 413, code: 10033, message: `value of ${key} is over 25 MiB` });
  }
  await kv.put(key, value, {});
  usage.writes += 1;
  usage.bytesWritten += value.byteLength;
  return c.json(envelope({}));
}

function envelope(result: unknown) {
  return { success: true, errors: [], messages: [], result };
}

function fail(c: Context, error: ApiError): Response {
  const body = { ...envelope(null), success: false, errors: [error] };
  return c.json(body, error.status);
}
