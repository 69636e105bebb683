import { Hono } from "hono";
import * as v from "valibot";
import { type Account, type Deployment, deploy, type Script, type Version } from "./account.ts";
import { envelope, jsonBody, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";
import { NO_SUCH_WORKER } from "./scripts.ts";

const DeploymentSchema = v.object({
  strategy: v.literal("percentage"),
  versions: v.pipe(
    v.array(
      v.object({
        version_id: v.string(),
        percentage: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
      }),
    ),
    v.minLength(1),
    v.maxLength(2),
  ),
  annotations: v.optional(v.record(v.string(), v.string()), {}),
});

/** Versions of a Worker and the shares of traffic that deployments give them. */
export function rolloutRoutes(account: Account) {
  const routes = new Hono<FaultVariables>();
  routes.use("/scripts/:script/*", async (c, next) => {
    if (account.scripts.has(c.req.param("script"))) return next();
    return refuse(c, NO_SUCH_WORKER);
  });
  routes.get("/scripts/:script/settings", (c) => {
    const script = account.scripts.get(c.req.param("script"))!;
    return c.json(envelope({ bindings: serving(script)?.bindings ?? [], tags: [] }));
  });
  routes.get("/scripts/:script/script-settings", (c) => c.json(envelope({ tags: [] })));
  routes.patch("/scripts/:script/script-settings", (c) => c.json(envelope({ tags: [] })));
  routes.get("/scripts/:script/versions", (c) => {
    const script = account.scripts.get(c.req.param("script"))!;
    const items = [...script.versions.values()].reverse().map(versionJson);
    return c.json(envelope({ items }));
  });
  routes.get("/scripts/:script/versions/:version", (c) => {
    const version = account.scripts
      .get(c.req.param("script"))!
      .versions.get(c.req.param("version"));
    if (version !== undefined) return c.json(envelope(versionJson(version)));
    return refuse(c, { status: 404, code: 10215, message: "version not found" });
  });
  routes.get("/scripts/:script/deployments", (c) => {
    const { deployments } = account.scripts.get(c.req.param("script"))!;
    return c.json(envelope({ deployments: deployments.map(deploymentJson) }));
  });
  routes.post("/scripts/:script/deployments", async (c) => {
    const script = account.scripts.get(c.req.param("script"))!;
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const asked = v.safeParse(DeploymentSchema, body.value);
    const shares = asked.success ? asked.output.versions : [];
    const sum = shares.reduce((total, { percentage }) => total + percentage, 0);
    if (!asked.success || sum !== 100) {
      const message = "percentages of one or two versions must sum to 100";
      return refuse(c, { status: 400, code: 10211, message });
    }
    if (!shares.every(({ version_id }) => script.versions.has(version_id))) {
      return refuse(c, { status: 404, code: 10215, message: "version not found" });
    }
    const versions = shares.map(({ version_id, percentage }) => ({ id: version_id, percentage }));
    const message = asked.output.annotations["workers/message"] ?? null;
    return c.json(envelope(deploymentJson(deploy(script, versions, message))));
  });
  return routes;
}

/** The version with the largest share of a Worker's traffic. */
function serving(script: Script): Version | undefined {
  const shares = [...(script.deployments[0]?.versions ?? [])];
  shares.sort((a, b) => b.percentage - a.percentage);
  return script.versions.get(shares[0]?.id ?? "");
}

function versionJson(version: Version) {
  return {
    id: version.id,
    number: version.number,
    metadata: { created_on: version.createdAt, source: "wrangler" },
    annotations: {
      ...(version.tag === null ? {} : { "workers/tag": version.tag }),
      ...(version.message === null ? {} : { "workers/message": version.message }),
    },
    resources: { bindings: version.bindings },
  };
}

function deploymentJson(deployment: Deployment) {
  return {
    id: deployment.id,
    created_on: deployment.createdAt,
    source: "wrangler",
    strategy: "percentage",
    versions: deployment.versions.map(({ id, percentage }) => ({ version_id: id, percentage })),
    annotations: deployment.message === null ? {} : { "workers/message": deployment.message },
  };
}
