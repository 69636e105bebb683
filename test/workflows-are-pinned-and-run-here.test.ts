/** The workflows: every action pinned, no more rights than needed, every step a command of ours. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = path.join(ROOT, ".github/workflows");

const PermissionsSchema = v.record(v.string(), v.picklist(["read", "write", "none"]));
const StepSchema = v.object({
  uses: v.optional(v.string()),
  run: v.optional(v.string()),
  if: v.optional(v.string()),
  env: v.optional(v.record(v.string(), v.string()), {}),
  with: v.optional(v.record(v.string(), v.unknown()), {}),
});
const WorkflowSchema = v.object({
  name: v.string(),
  on: v.record(v.string(), v.unknown()),
  permissions: PermissionsSchema,
  concurrency: v.object({ group: v.string(), "cancel-in-progress": v.boolean() }),
  env: v.optional(v.record(v.string(), v.string()), {}),
  jobs: v.record(
    v.string(),
    v.object({
      "timeout-minutes": v.number(),
      permissions: v.optional(PermissionsSchema, {}),
      if: v.optional(v.string()),
      outputs: v.optional(v.record(v.string(), v.string()), {}),
      environment: v.optional(v.string()),
      env: v.optional(v.record(v.string(), v.string()), {}),
      steps: v.array(StepSchema),
    }),
  ),
});
type Workflow = v.InferOutput<typeof WorkflowSchema>;

const NAMES = ["checks", "cycle", "deploy", "preview"];
const texts = new Map<string, string>();
const workflows = new Map<string, Workflow>();
let scripts: Record<string, string>;
let commands: string[];

beforeAll(async () => {
  for (const name of NAMES) {
    const text = await readFile(path.join(FOLDER, `${name}.yml`), "utf8");
    texts.set(name, text);
    workflows.set(name, v.parse(WorkflowSchema, parse(text)));
  }
  scripts = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8")).scripts;
  const usher = await readFile(path.join(ROOT, "bin/usher.ts"), "utf8");
  commands = Array.from(usher.matchAll(/^ {2}"?([\w-]+)"?: \{$/gm), ([, name]) => name!);
});

const expression = (text: string) => `\${{ ${text} }}`;
const steps = (name: string) =>
  Object.values(workflows.get(name)!.jobs).flatMap((job) => job.steps);
const runs = (name: string) =>
  steps(name).flatMap((step) => (step.run === undefined ? [] : [step.run]));

test("these are all there are", async () => {
  expect((await readdir(FOLDER)).sort()).toEqual(NAMES.map((name) => `${name}.yml`));
});

describe.each(NAMES)("%s", (name) => {
  test("every action is pinned by a full commit hash, with its version beside it", () => {
    const uses = Array.from(texts.get(name)!.matchAll(/uses: (.+)$/gm), ([, action]) => action);
    expect(uses.length).toBeGreaterThan(1);
    for (const action of uses)
      expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("it may read the code and no more, unless a job says what for", () => {
    const { permissions, jobs } = workflows.get(name)!;
    expect(permissions).toEqual({ contents: "read" });
    const more = Object.values(jobs).flatMap((job) => Object.entries(job.permissions));
    const written = more.filter(([, right]) => right === "write").map(([of]) => of);
    expect(written).toEqual(name === "cycle" ? ["id-token", "attestations"] : []);
    expect(texts.get(name)).not.toContain("pull_request_target");
  });

  test("no package runs in a job that may do more than read", () => {
    for (const { permissions, steps } of Object.values(workflows.get(name)!.jobs)) {
      if (!Object.values(permissions).includes("write")) continue;
      expect(steps.filter((step) => step.run !== undefined)).toEqual([]);
    }
  });

  test("nothing from a cache runs beside production's secrets", () => {
    for (const job of Object.values(workflows.get(name)!.jobs)) {
      if (job.environment !== "production") continue;
      const setups = job.steps.filter((step) => step.uses?.startsWith("actions/setup-node"));
      expect(setups.map((step) => step.with["package-manager-cache"])).toEqual([false]);
      for (const step of job.steps) expect(step.with).not.toHaveProperty("cache");
    }
  });

  test("the checkout leaves no token behind, and secrets reach only the steps that use them", () => {
    const { env, jobs } = workflows.get(name)!;
    expect(JSON.stringify(env)).not.toContain("secrets.");
    for (const step of steps(name)) {
      if (step.uses?.startsWith("actions/checkout") === true) {
        expect(step.with["persist-credentials"]).toBe(false);
      }
      if (step.uses !== undefined) expect(JSON.stringify(step.env)).not.toContain("secrets.");
    }
    for (const job of Object.values(jobs)) {
      expect(JSON.stringify(job.env)).not.toContain("secrets.");
      expect(job.environment !== undefined).toBe(JSON.stringify(job).includes("secrets."));
    }
  });

  test("no command has a value pasted into it that somebody else may choose", () => {
    for (const command of runs(name)) expect(command).not.toContain("${{");
  });

  test("every command is a script of package.json, a command of usher, or plain", async () => {
    for (const command of runs(name)) {
      const [, script, usher] = /^npm run (?:--silent )?(\S+)(?: -- (\S+))?/.exec(command) ?? [];
      if (script !== undefined) {
        expect(Object.keys(scripts)).toContain(script);
        if (script === "usher") expect(commands).toContain(usher);
      } else if (command.startsWith(".")) {
        expect((await stat(path.join(ROOT, command))).mode & 0o111).toBeGreaterThan(0);
      } else expect(command).toMatch(/^(npm ci|tar )/);
    }
  });

  test("usher knows every option that is given to it", async () => {
    for (const command of runs(name)) {
      const [, usher] = /npm run (?:--silent )?usher -- (\S+)/.exec(command) ?? [];
      if (usher === undefined) continue;
      const { stdout } = await run("node", [path.join(ROOT, "bin/usher.mjs"), usher, "--help"]);
      for (const [option] of command.slice(command.indexOf(usher)).matchAll(/--[a-z-]+/g)) {
        expect(stdout).toContain(option);
      }
    }
  });
});

test("a deployment goes to the schema, the consumer, the API and the cron Worker, in this order", () => {
  const order = ["migrate", "deploy:consumer", "rollout", "deploy:cron", "doctor"];
  const at = order.map((part) => runs("deploy").findIndex((command) => command.includes(part)));
  expect(at).toEqual([...at].sort((a, b) => a - b));
  expect(at).not.toContain(-1);
});

test("what is attested is the very archive that was kept, also when the push failed", () => {
  const { cycle, attest } = workflows.get("cycle")!.jobs;
  const uses = (action: string, job: typeof cycle) =>
    job!.steps.filter((step) => step.uses?.startsWith(`actions/${action}@`));
  const kept = uses("upload-artifact", cycle).at(-1)!.with;
  const ofJob = (text: unknown) =>
    String(text).replace("steps.trained.outputs", "needs.cycle.outputs");
  expect(uses("download-artifact", attest)[0]!.with["name"]).toBe(ofJob(kept["name"]));
  expect(uses("attest-build-provenance", attest)[0]!.with["subject-path"]).toBe(
    ofJob(kept["path"]),
  );
  expect(attest!.if).toBe(expression("!cancelled() && needs.cycle.outputs.kind == 'built'"));
  expect(cycle!.outputs).toEqual({
    kind: expression("steps.trained.outputs.kind"),
    release: expression("steps.trained.outputs.release"),
  });
});

test("the card of a refused model is kept from where training leaves it", () => {
  const { cycle } = workflows.get("cycle")!.jobs;
  const step = cycle!.steps.find((step) => step.with["name"] === "refused-card")!;
  expect(step.if).toBe("failure()");
  expect(cycle!.env).not.toHaveProperty("USHER_HOME");
  expect(step.with).toMatchObject({
    path: ".usher/deployed/refused-card.html",
    "include-hidden-files": true,
  });
});

test("what a training came to becomes a workflow's outputs, and its directory an archive", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-workflow-"));
  try {
    const release = path.join(folder, "releases/20260304-120005-ba43b139");
    await run("mkdir", ["-p", release]);
    await writeFile(path.join(release, "manifest.json"), "{}");
    const trained = path.join(folder, "trained.json");
    await writeFile(trained, JSON.stringify({ kind: "built", folder: release }));
    const { stdout } = await run("npm", ["run", "--silent", "trained", "--", trained], {
      cwd: ROOT,
    });
    const outputs = Object.fromEntries(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split("=")),
    );
    expect(outputs).toEqual({ kind: "built", folder: release, release: path.basename(release) });
    const pack = runs("cycle").find((command) => command.startsWith("tar"))!;
    const env = { ...process.env, RELEASE: outputs["release"], FOLDER: outputs["folder"] };
    await run("sh", ["-ec", pack], { cwd: folder, env });
    const { stdout: listing } = await run("tar", [
      "-tzf",
      path.join(folder, `${outputs["release"]}.tar.gz`),
    ]);
    expect(listing).toContain(`${outputs["release"]}/manifest.json`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
