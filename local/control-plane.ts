import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import { type Account, emptyAccount } from "./control-plane/account.ts";
import { workersAnalytics } from "./control-plane/analytics.ts";
import { envelope, refuse } from "./control-plane/answer.ts";
import { bucketRoutes } from "./control-plane/buckets.ts";
import { type FaultPlan, type FaultVariables, injectFaults } from "./control-plane/faults.ts";
import { bulkDelete, bulkRead, bulkWrite } from "./control-plane/kv-bulk.ts";
import { deleteValue, listKeys, readValue, writeValue } from "./control-plane/kv-values.ts";
import { namespaceRoutes } from "./control-plane/namespaces.ts";
import { requirePermission } from "./control-plane/permissions.ts";
import { queueRoutes } from "./control-plane/queues.ts";
import { RateLimit } from "./control-plane/rate-limit.ts";
import { rolloutRoutes } from "./control-plane/rollouts.ts";
import { scriptRoutes } from "./control-plane/scripts.ts";
import { triggerRoutes } from "./control-plane/triggers.ts";
import { type ControlPlaneUsage, noUsage } from "./control-plane/usage.ts";
import type { LocalKv } from "./workerd.ts";

/**
 * A stand-in for the part of Cloudflare's REST API that a push, a setup and Wrangler's deployments
 * use, over HTTP.
 *
 * Same paths, envelopes, status codes and limits as `api.cloudflare.com/client/v4` documents: bearer
 * token and its permissions; for Workers KV 10,000 pairs and 100 MB a bulk write, 512-byte keys,
 * 25 MiB values, 1,024 bytes of metadata, 1,000 keys a listing; 1,200 requests in 5 minutes for the
 * account. Namespaces, queues, Workers and their versions live in an `Account`.
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
  /** The namespace that a local Usher's Workers are bound to. */
  readonly kv?: LocalKv;
  /** What the account holds; empty but for `kv` by default. */
  readonly account?: Account;
  readonly token: string;
  readonly port?: number;
  /** Runs the cron Worker, as a scheduler tick would. */
  readonly onCron?: (cron: string) => Promise<void>;
  /** What goes wrong with which request; nothing by default. */
  readonly faults?: FaultPlan;
  /** Requests in 5 minutes; the account's 1,200 by default. */
  readonly requestsPer5Minutes?: number;
}

const NAMESPACE = "usher-releases";
const ACCOUNT_PATH = "/client/v4/accounts/:account";
const KV_PATH = `${ACCOUNT_PATH}/storage/kv/namespaces/:namespace`;

/** Starts the stand-in on loopback. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const usage = noUsage();
  const account = options.account ?? emptyAccount("local");
  if (options.kv !== undefined) {
    account.namespaces.set(NAMESPACE, { title: NAMESPACE, kv: options.kv });
  }
  const server = await listen(controlPlaneApp(options, account, usage), options.port ?? 0);
  return {
    url: `http://127.0.0.1:${server.port}/client/v4`,
    accountId: account.id,
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

function controlPlaneApp(options: ControlPlaneOptions, account: Account, usage: ControlPlaneUsage) {
  const { token } = options;
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
  app.post("/client/v4/graphql", workersAnalytics(account));
  app.get("/client/v4/user/tokens/verify", (c) =>
    c.json(envelope({ id: "token", status: "active" })),
  );
  app.get("/client/v4/accounts", (c) => c.json(envelope([{ id: account.id, name: account.id }])));
  app.use(`${ACCOUNT_PATH}/*`, async (c, next) => {
    if (c.req.param("account") === account.id) return next();
    // Cloudflare does not tell an account that is not yours from one that does not exist.
    return refuse(c, { status: 403, code: 10000, message: "Authentication error" });
  });
  app.use(`${ACCOUNT_PATH}/*`, requirePermission(account));
  app.use(`${KV_PATH}/*`, async (c, next) => {
    const namespace = account.namespaces.get(c.req.param("namespace"));
    if (namespace === undefined) {
      return refuse(c, { status: 404, code: 10013, message: "namespace not found" });
    }
    c.set("kv", namespace.kv);
    return next();
  });
  app.route(`${ACCOUNT_PATH}/storage/kv/namespaces`, namespaceRoutes(account));
  app.route(`${ACCOUNT_PATH}/r2/buckets`, bucketRoutes(account));
  app.route(`${ACCOUNT_PATH}/queues`, queueRoutes(account));
  app.route(`${ACCOUNT_PATH}/workers`, scriptRoutes(account));
  app.route(`${ACCOUNT_PATH}/workers`, triggerRoutes(account));
  app.route(`${ACCOUNT_PATH}/workers`, rolloutRoutes(account));
  app.put(`${KV_PATH}/bulk`, bulkWrite(usage));
  app.post(`${KV_PATH}/bulk/delete`, bulkDelete(usage));
  app.post(`${KV_PATH}/bulk/get`, bulkRead(usage));
  app.get(`${KV_PATH}/keys`, listKeys(usage));
  app.get(`${KV_PATH}/values/:key{.+}`, readValue(usage));
  app.put(`${KV_PATH}/values/:key{.+}`, writeValue(usage));
  app.delete(`${KV_PATH}/values/:key{.+}`, deleteValue(usage));
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
