import { Hono } from "hono";
import * as v from "valibot";
import type { Account } from "./account.ts";
import { envelope, jsonBody, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";
import { NO_SUCH_WORKER } from "./scripts.ts";

const SecretSchema = v.object({
  name: v.pipe(v.string(), v.nonEmpty()),
  text: v.string(),
  type: v.literal("secret_text"),
});
const SchedulesSchema = v.array(v.object({ cron: v.string() }));
const SubdomainSchema = v.object({ subdomain: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,63}$/)) });

/** What starts a Worker and what it is told in secret: cron triggers, workers.dev, secrets. */
export function triggerRoutes(account: Account) {
  const routes = new Hono<FaultVariables>();
  routes.get("/subdomain", (c) => {
    if (account.subdomain !== null) return c.json(envelope({ subdomain: account.subdomain }));
    const message = "You do not have a workers.dev subdomain.";
    return refuse(c, { status: 404, code: 10007, message });
  });
  routes.put("/subdomain", async (c) => {
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const asked = v.safeParse(SubdomainSchema, body.value);
    if (!asked.success)
      return refuse(c, { status: 400, code: 10030, message: "invalid subdomain" });
    if (TAKEN_BY_OTHERS.has(asked.output.subdomain)) {
      return refuse(c, { status: 409, code: 10031, message: "subdomain is unavailable" });
    }
    account.subdomain = asked.output.subdomain;
    return c.json(envelope({ subdomain: account.subdomain }));
  });
  routes.use("/scripts/:script/*", async (c, next) => {
    if (account.scripts.has(c.req.param("script"))) return next();
    return refuse(c, NO_SUCH_WORKER);
  });
  routes.get("/workers/:script", (c) => {
    const script = account.scripts.get(c.req.param("script"));
    if (script === undefined) return refuse(c, NO_SUCH_WORKER);
    const subdomain = { enabled: script.onWorkersDev, previews_enabled: false };
    return c.json(envelope({ id: script.name, name: script.name, subdomain }));
  });
  routes.get("/scripts/:script/subdomain", (c) => {
    const { onWorkersDev } = account.scripts.get(c.req.param("script"))!;
    return c.json(envelope({ enabled: onWorkersDev, previews_enabled: false }));
  });
  routes.post("/scripts/:script/subdomain", async (c) => {
    const { enabled } = await c.req.json<{ enabled: boolean }>();
    account.scripts.get(c.req.param("script"))!.onWorkersDev = enabled;
    return c.json(envelope({ enabled, previews_enabled: false }));
  });
  routes.get("/scripts/:script/schedules", (c) => {
    const { crons } = account.scripts.get(c.req.param("script"))!;
    return c.json(envelope({ schedules: crons.map((cron) => ({ cron })) }));
  });
  routes.put("/scripts/:script/schedules", async (c) => {
    const asked = v.safeParse(SchedulesSchema, await c.req.json());
    if (!asked.success) return refuse(c, { status: 400, code: 10100, message: "invalid cron" });
    account.scripts.get(c.req.param("script"))!.crons = asked.output.map(({ cron }) => cron);
    return c.json(envelope({ schedules: asked.output }));
  });
  routes.get("/scripts/:script/secrets", (c) => {
    const { secrets } = account.scripts.get(c.req.param("script"))!;
    return c.json(envelope([...secrets.keys()].map((name) => ({ name, type: "secret_text" }))));
  });
  routes.put("/scripts/:script/secrets", async (c) => {
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const asked = v.safeParse(SecretSchema, body.value);
    if (!asked.success) return refuse(c, { status: 400, code: 10056, message: "invalid secret" });
    account.scripts.get(c.req.param("script"))!.secrets.set(asked.output.name, asked.output.text);
    return c.json(envelope({ name: asked.output.name, type: "secret_text" }));
  });
  return routes;
}

/** Subdomains of workers.dev that other accounts have. */
const TAKEN_BY_OTHERS = new Set(["taken"]);
