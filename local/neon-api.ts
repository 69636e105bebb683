import { randomBytes } from "node:crypto";
import { type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { type FaultPlan, type FaultVariables, injectFaults } from "./control-plane/faults.ts";

/** Where the stand-in gets databases from: a connection string for a new one, and its removal. */
export interface DatabaseSource {
  /** @param parent the id of the project or branch that it is a copy of; null is empty. */
  create(id: string, parent: string | null): Promise<string>;
  remove(id: string): Promise<void>;
}

/** A Neon project and its branches; the main branch has the project's own database. */
export interface NeonProject {
  readonly name: string;
  readonly uri: string;
  readonly branches: Map<string, { readonly name: string; readonly uri: string }>;
}

/** A stand-in for the part of Neon's API that a setup uses, over HTTP. */
export interface NeonApi {
  /** Base URL to use in place of `https://console.neon.tech/api/v2`. */
  readonly url: string;
  readonly projects: Map<string, NeonProject>;
  stop(): Promise<void>;
}

interface NeonApiOptions {
  readonly token: string;
  readonly databases: DatabaseSource;
  readonly faults?: FaultPlan;
  /** Projects at most; Neon's free plan has a limit too. */
  readonly projectLimit?: number;
}

const ProjectSchema = v.object({ project: v.object({ name: v.string() }) });
const BranchSchema = v.object({
  branch: v.object({ name: v.string() }),
  endpoints: v.array(v.object({ type: v.picklist(["read_write", "read_only"]) })),
});

/** Starts the stand-in on loopback. Names are not unique among projects, as at Neon. */
export async function startNeonApi(options: NeonApiOptions): Promise<NeonApi> {
  const projects = new Map<string, NeonProject>();
  const app = new Hono<FaultVariables>().basePath("/api/v2");
  app.use("*", async (c, next) => {
    if (c.req.header("authorization") === `Bearer ${options.token}`) return next();
    return refuse(c, 401, "", "supplied credentials do not pass authentication");
  });
  app.use("*", injectFaults(options.faults ?? (() => null)));
  addProjectRoutes(app, projects, options);
  addBranchRoutes(app, projects, options.databases);
  const { server, port } = await listen(app);
  return {
    url: `http://127.0.0.1:${port}/api/v2`,
    projects,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

type App = Hono<FaultVariables>;

function addProjectRoutes(
  app: App,
  projects: Map<string, NeonProject>,
  { databases, projectLimit = 100 }: NeonApiOptions,
): void {
  app.get("/projects", (c) => {
    const search = c.req.query("search") ?? "";
    const found = [...projects].filter(([id, { name }]) => name.includes(search) || id === search);
    return c.json({ projects: found.map(([id, { name }]) => ({ id, name })), pagination: {} });
  });
  app.post("/projects", async (c) => {
    const asked = v.safeParse(ProjectSchema, await c.req.json().catch(() => null));
    if (!asked.success) return refuse(c, 400, "", "invalid request body");
    if (projects.size >= projectLimit) {
      return refuse(c, 422, "PROJECTS_LIMIT_EXCEEDED", "projects limit exceeded");
    }
    const id = `project-${randomBytes(4).toString("hex")}`;
    const uri = await databases.create(id, null);
    const { name } = asked.output.project;
    projects.set(id, { name, uri, branches: new Map() });
    return c.json({ project: { id, name }, connection_uris: [{ connection_uri: uri }] }, 201);
  });
  app.delete("/projects/:project", async (c) => {
    const id = c.req.param("project");
    const project = projects.get(id);
    if (project === undefined) return refuse(c, 404, "", "project not found");
    for (const branch of project.branches.keys()) await databases.remove(branch);
    await databases.remove(id);
    projects.delete(id);
    return c.json({ project: { id } });
  });
}

function addBranchRoutes(
  app: App,
  projects: Map<string, NeonProject>,
  databases: DatabaseSource,
): void {
  app.get("/projects/:project/connection_uri", (c) => {
    const project = projects.get(c.req.param("project"));
    const branch = c.req.query("branch_id");
    const uri = branch === undefined ? project?.uri : project?.branches.get(branch)?.uri;
    return uri === undefined ? refuse(c, 404, "", "branch not found") : c.json({ uri });
  });
  app.get("/projects/:project/branches", (c) => {
    const project = projects.get(c.req.param("project"));
    if (project === undefined) return refuse(c, 404, "", "project not found");
    const branches = [...project.branches].map(([id, { name }]) => ({ id, name, default: false }));
    return c.json({ branches: [{ id: "br-main", name: "main", default: true }, ...branches] });
  });
  app.post("/projects/:project/branches", async (c) => {
    const project = projects.get(c.req.param("project"));
    if (project === undefined) return refuse(c, 404, "", "project not found");
    const asked = v.safeParse(BranchSchema, await c.req.json().catch(() => null));
    if (!asked.success) return refuse(c, 400, "", "invalid request body");
    const { name } = asked.output.branch;
    if ([...project.branches.values()].some((branch) => branch.name === name)) {
      return refuse(c, 409, "BRANCH_ALREADY_EXISTS", `branch with name ${name} already exists`);
    }
    const id = `br-${randomBytes(4).toString("hex")}`;
    const uri = await databases.create(id, c.req.param("project"));
    project.branches.set(id, { name, uri });
    return c.json({ branch: { id, name }, endpoints: [{ type: "read_write" }] }, 201);
  });
  app.delete("/projects/:project/branches/:branch", async (c) => {
    const branch = c.req.param("branch");
    if (projects.get(c.req.param("project"))?.branches.delete(branch) !== true) {
      return refuse(c, 404, "", "branch not found");
    }
    await databases.remove(branch);
    return c.json({ branch: { id: branch } });
  });
}

/** Neon's envelope around a refusal. */
function refuse(
  c: Context,
  status: 400 | 401 | 404 | 409 | 422 | 423,
  code: string,
  message: string,
): Response {
  return c.json({ request_id: randomBytes(8).toString("hex"), code, message }, status);
}

function listen(app: App): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, (info) =>
      resolve({ server, port: info.port }),
    );
    server.once("error", reject);
  });
}
