import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import { envelope, refuse } from "./control-plane/answer.ts";
import { type FaultPlan, type FaultVariables, injectFaults } from "./control-plane/faults.ts";
import { bulkDelete, bulkRead, bulkWrite } from "./control-plane/kv-bulk.ts";
import { deleteValue, listKeys, readValue, writeValue } from "./control-plane/kv-values.ts";
import { RateLimit } from "./control-plane/rate-limit.ts";
import { type ControlPlaneUsage, noUsage } from "./control-plane/usage.ts";
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
  readonly usage: ControlPlaneUsage;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly kv: LocalKv;
  readonly token: string;
  readonly port?: number;
  /** Runs the cron Worker, as a scheduler tick would. */
  readonly onCron?: (cron: string) => Promise<void>;
  /** What goes wrong with which request; nothing by default. */
  readonly faults?: FaultPlan;
  /** Requests in 5 minutes; the account's 1,200 by default. */
  readonly requestsPer5Minutes?: number;
}

const ACCOUNT = "local";
const NAMESPACE = "usher-releases";
const KV_PATH = "/client/v4/accounts/:account/storage/kv/namespaces/:namespace";

/** Starts the stand-in on loopback. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const usage = noUsage();
  const server = await listen(controlPlaneApp(options, usage), options.port ?? 0);
  return {
    url: `http://127.0.0.1:${server.port}/client/v4`,
    accountId: ACCOUNT,
    namespaceId: NAMESPACE,
    token: options.token,
    usage,
    stop: () =>
      new Promise((resolve) => {
        server.server.close(() => resolve());
        // A request that a fault leaves unanswered would keep the server open for ever.
        if ("closeAllConnections" in server.server) server.server.closeAllConnections();
      }),
  };
}

function controlPlaneApp(options: ControlPlaneOptions, usage: ControlPlaneUsage) {
  const { kv, token } = options;
  const app = new Hono<FaultVariables>();
  const rate = new RateLimit(options.requestsPer5Minutes);
  app.use("*", async (c, next) => {
    usage.requests += 1;
    if (c.req.header("authorization") !== `Bearer ${token}`) {
      return refuse(c, { status: 401, code: 10000, message: "Authentication error" });
    }
    const wait = rate.secondsToWait(Date.now());
    c.header("ratelimit", rate.header(Date.now()));
    if (wait === 0) return next();
    c.header("retry-after", String(wait));
    return refuse(c, { status: 429, code: 971, message: "Please wait and consider throttling." });
  });
  app.post("/scheduled/:cron", async (c) => {
    await options.onCron?.(decodeURIComponent(c.req.param("cron")));
    return c.json(envelope({}));
  });
  app.use("/client/*", injectFaults(options.faults ?? (() => null)));
  app.use(`${KV_PATH}/*`, async (c, next) => {
    const known = c.req.param("account") === ACCOUNT && c.req.param("namespace") === NAMESPACE;
    if (known) return next();
    return refuse(c, { status: 404, code: 10013, message: "namespace not found" });
  });
  app.put(`${KV_PATH}/bulk`, bulkWrite(kv, usage));
  app.post(`${KV_PATH}/bulk/delete`, bulkDelete(kv, usage));
  app.post(`${KV_PATH}/bulk/get`, bulkRead(kv, usage));
  app.get(`${KV_PATH}/keys`, listKeys(kv, usage));
  app.get(`${KV_PATH}/values/:key{.+}`, readValue(kv, usage));
  app.put(`${KV_PATH}/values/:key{.+}`, writeValue(kv, usage));
  app.delete(`${KV_PATH}/values/:key{.+}`, deleteValue(kv, usage));
  app.notFound((c) => refuse(c, { status: 404, code: 7003, message: "Could not route to it" }));
  app.onError((error, c) => refuse(c, { status: 500, code: 10001, message: error.message }));
  return app;
}

async function listen(
  app: Hono<FaultVariables>,
  port: number,
): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, (info) =>
      resolve({ server, port: info.port }),
    );
    server.once("error", reject);
  });
}
