/** `usher up` as a person meets it: up, stopped, killed, started again, and told what is wrong. */
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { homeAt, readRunning } from "../local/home.ts";
import { removeFolder, syntheticRatings, temporaryFolder } from "./cloud.ts";
import { runUsher } from "./command.ts";

let root: string;
let home: string;
let data: string;
beforeAll(async () => {
  root = await temporaryFolder();
  home = path.join(root, "home");
  data = await syntheticRatings(root, { users: 80, items: 120, ratingsPerUser: 20 });
});
afterAll(() => removeFolder(root));

const up = (...more: string[]) => runUsher(["up", "--home", home, "--data", data, ...more]);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a first start that is killed outright is finished by the next one", async () => {
  const first = up();
  await first.said("Importing");
  const { pid, workerd } = (await readRunning(homeAt(home)))!;
  expect(workerd).toHaveLength(1);
  process.kill(pid, "SIGKILL");
  await first.finished;

  const second = await up("--once").finished;
  expect(second.stderr).toContain("serves");
  expect(second.stdout).toContain("Usher is up after");
  expect(second.stdout.match(/^ {2}curl /gm)).toHaveLength(3);
  expect(second.code).toBe(0);
  expect(isAlive(workerd[0]!)).toBe(false);
});

test("a later start reuses what is there, answers, and ends at Ctrl-C with all it started", async () => {
  const running = up();
  await running.said("Usher is up after");
  const note = (await readRunning(homeAt(home)))!;
  const response = await fetch(`${note.api}/recommend/1`);
  expect((await response.text()).split(",")).toHaveLength(20);

  const again = await up().finished;
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("ALREADY_RUNNING");
  expect(again.stderr).toContain(note.api);

  const status = await runUsher(["status", "--home", home, "--json"]).finished;
  expect(JSON.parse(status.stdout)).toMatchObject({ place: "local", staged: null });

  running.child.kill("SIGINT");
  const { code, stderr } = await running.finished;
  expect(code).toBe(0);
  expect(stderr).toContain("serves already");
  expect(stderr).not.toContain("Importing");
  for (const pid of [note.pid, ...note.workerd]) expect(isAlive(pid)).toBe(false);
  await expect(fetch(`${note.api}/healthz`)).rejects.toThrow();
  await expect(fetch(`http://${note.databaseWsProxy}`)).rejects.toThrow();
  expect(await readRunning(homeAt(home))).toBeNull();
});

test("a port in use is named before anything is started", async () => {
  const { server, port } = await occupiedPort();
  const { code, stderr } = await up("--port", String(port)).finished;
  server.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`Port ${port} on 127.0.0.1 is already in use`);
  expect(stderr).toContain("--port PORT");
  expect(stderr).not.toContain("Postgres");
});

test("a data folder that is not there, or holds something else, is named with what is wanted", async () => {
  const missing = path.join(root, "nowhere");
  const start = await runUsher(["up", "--home", home, "--data", missing]).finished;
  expect(start.code).toBe(1);
  expect(start.stderr).toContain(`There is no folder ${missing}`);
  const evaluation = await runUsher(["evaluate", "--data", root]).finished;
  expect(evaluation.code).toBe(1);
  expect(evaluation.stderr).toContain("ratings.csv (movielens-csv");
});

test("a csv with half its rows broken is imported by the other half, and counted", async () => {
  const ratings = path.join(data, "ratings.csv");
  const [header, ...lines] = (await readFile(ratings, "utf8")).trimEnd().split("\n");
  const halved = lines.map((line, at) => (at % 2 === 0 ? line : line.replace(/,[^,]*$/, "")));
  await writeFile(ratings, `${[header, ...halved].join("\n")}\n`);
  const broken = Math.floor(lines.length / 2);
  const { code, stderr } = await up("--once").finished;
  expect(code).toBe(0);
  expect(stderr).toContain(`${broken.toLocaleString("en")} bad rows in quarantine`);
  expect(stderr).toContain("the line has not as many fields as the header");
});

test("every command explains itself, and an unknown one fails", async () => {
  const { stdout } = await runUsher(["--help"]).finished;
  const names = [...stdout.matchAll(/^ {2}([a-z-]+)(?: |$)/gm)].map(([, name]) => name!);
  expect(names).toEqual(expect.arrayContaining(["up", "cycle", "evaluate", "push"]));
  for (const name of names.filter((one) => one !== "help")) {
    const help = await runUsher([name, "--help"]).finished;
    expect(help.code).toBe(0);
    expect(help.stdout).toContain(`Usage: usher ${name}`);
  }
  const unknown = await runUsher(["fly"]).finished;
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("unknown command 'fly'");
});

test("without a running Usher, a command says how to get one", async () => {
  const { code, stderr } = await runUsher(["cycle", "--home", path.join(root, "empty")]).finished;
  expect(code).toBe(1);
  expect(stderr).toContain('Start one with "npm start"');
});

async function occupiedPort(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
}
