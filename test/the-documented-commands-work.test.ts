/**
 * Every command that the documents show: run against one local cloud where that is possible, parsed
 * by the command itself where it is not. See docs/decisions/036.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { documentedCommands, parseUsherCall, usherCalls } from "./documented-commands.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What cannot run here, and why. What of it is `usher` is parsed all the same. */
const NOT_HERE: readonly (readonly [RegExp, string])[] = [
  [/^(npm ci && )?npm (start|test)\b/, "a story of its own: a-start-can-be-stopped…, and this"],
  [/^npm (ci|install|run)\b/, "an installation, or a script of package.json"],
  [/^aws /, "an account at Amazon"],
  [/^(npx )?wrangler /, "an account at Cloudflare"],
  [/^(docker|kubectl|gh|git) /, "a registry, a cluster, a repository of yours"],
  [/^export /, "a shell of yours"],
  [/^psql "\$DATABASE_URL"/, "a role of your own database"],
  [/\.ci\/run/, "all the tests, this one among them"],
  [/examples\//, "a story of its own: the-examples-run"],
  [/usher (setup|destroy|rollout)\b/, "accounts at Cloudflare and Neon"],
  [/usher experiments \w+ ID\b/, "an experiment of yours that has run; test/ has its stories"],
  [/usher follow /, "Kafka"],
  [/usher replay .*--speed \d/, "as long as the history, at that speed"],
  [/usher tune .*--minutes/, "minutes"],
  [/usher (lists|merge) /, "eight machines; trainer/lists-release.test.ts joins parts"],
];

/** Outcomes that are neither a success nor a fault of the document. */
const ALSO_FINE: readonly (readonly [RegExp, string])[] = [
  // Two hundred users are few to draw a quarter from; that the gate looks is what should happen.
  [/--sample-users/, "GATE_REFUSED"],
  // Shown, and nothing done.
  [/tenants remove \w+ --purge$/, "NOT_CONFIRMED"],
];

/** What stands for something of the reader's, and what it is here. */
type Placeholder = readonly [RegExp, () => string];

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Enough for every command to do what it does; how well is measured elsewhere. */
const SMALL = { users: 120, items: 120, ratingsPerUser: 20 };

const commands = documentedCommands();
const absent = ["curl", "jq"].filter((program) => !isOnPath(program));
if (absent.length > 0) console.warn(`No ${absent.join(", ")} here: commands with it are parsed.`);
const reasonNotHere = (text: string) =>
  NOT_HERE.find(([pattern]) => pattern.test(text))?.[1] ??
  absent.find((program) => text.includes(`${program} `));
const hereOnce = [...new Map(commands.map((command) => [command.text, command])).values()].filter(
  ({ text }) => reasonNotHere(text) === undefined,
);

test("the documents show commands at all, and none is passed over for nothing", () => {
  expect(commands.length).toBeGreaterThan(40);
  expect(hereOnce.length).toBeGreaterThan(20);
});

describe("the command's own parser takes what the documents say", () => {
  test.each(commands.filter(({ text }) => usherCalls(text).length > 0))(
    "$where $text",
    async ({ text }) => {
      for (const call of usherCalls(text)) await parseUsherCall(call);
    },
  );

  test("and would refuse what there is not", async () => {
    await expect(parseUsherCall(["train", "--lists", "some"])).rejects.toThrow("Allowed choices");
    await expect(parseUsherCall(["cycle", "--sample-user", "0.5"])).rejects.toThrow(
      "unknown option",
    );
    await expect(parseUsherCall(["datasets", "shw", "x"])).rejects.toThrow();
    await expect(parseUsherCall(["restore"])).rejects.toThrow();
    await expect(parseUsherCall(["frobnicate"])).rejects.toThrow();
  });
});

test("npm scripts that the documents name are there", () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const named = commands.flatMap(({ text }) =>
    Array.from(text.matchAll(/npm (?:run )?([\w:-]+)/g), ([, name]) => name!),
  );
  const missing = named.filter((name) => !["ci", "install"].includes(name) && !(name in scripts));
  expect(missing).toEqual([]);
});

describe("run here", () => {
  let cloud: TestCloud;
  let placeholders: readonly Placeholder[];

  beforeAll(async () => {
    cloud = await startTestCloud();
    const ratings = await syntheticRatings(cloud.scratch, SMALL);
    await importDirectory(cloud.database, ratings);
    await runCycle(cloud.around, silentProgress);
    placeholders = await placeholdersOf(cloud, ratings);
  });
  afterAll(() => cloud?.stop());

  test.each(hereOnce)("$where $text", async ({ text }) => {
    const command = placeholders.reduce((made, [word, value]) => made.replace(word, value), text);
    const { code, output } = await run(await located(command));
    if (ALSO_FINE.some(([pattern, said]) => pattern.test(text) && output.includes(said))) return;
    expect(code, `${command}\n${output}`).toBe(0);
  });

  /** `usher` as it is in this checkout, told which of the local clouds is meant. */
  async function located(command: string): Promise<string> {
    const launcher = `"${process.execPath}" "${path.join(root, "bin/usher.mjs")}"`;
    let made = command.replace(/\bcurl /g, "curl -sS --fail-with-body ");
    for (const call of usherCalls(command)) {
      const parsed = await parseUsherCall(call);
      const takesHome = parsed.options.some(({ long }) => long === "--home");
      const home = takesHome ? ` --home "${cloud.home.root}"` : "";
      made = made.replace(/\b(npx )?usher (.*)$/, `${launcher} $2${home}`);
    }
    return made;
  }

  function run(command: string): Promise<Ran> {
    const env = { ...process.env, USHER_OFFLINE: "1" };
    return new Promise((resolve) => {
      execFile(
        "bash",
        ["-euo", "pipefail", "-c", command],
        { cwd: cloud.scratch, env },
        (error, out, err) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: out + err }),
      );
    });
  }
});

/** The placeholders of the documents; files that commands name are made. */
async function placeholdersOf(cloud: TestCloud, ratings: string): Promise<readonly Placeholder[]> {
  const { scratch } = cloud;
  const file = (name: string, ...lines: string[]) =>
    writeFile(path.join(scratch, name), `${lines.join("\n")}\n`);
  await symlink(path.join(root, "examples"), path.join(scratch, "examples"));
  await file("movielog.txt", "2025-01-01T10:00:00,7,GET /rate/heat+1995=5");
  const rows = Array.from({ length: 120 }, (_, row) => {
    const user = row % 12;
    return { user, item: (Math.floor(row / 12) + user) % 14 };
  });
  await mkdir(path.join(scratch, "gorse"));
  await file(
    "gorse/feedback.csv",
    "feedback_type,user_id,item_id,time_stamp",
    ...rows.map(({ user, item }) => `star,u${user},i${item},2024-01-01 00:00:00 +0000 UTC`),
  );
  const feedback = { FeedbackType: "star", UserId: "u1", ItemId: "i1", Timestamp: "2024-01-01" };
  await file("gorse.json", JSON.stringify({ Cursor: "", Feedback: [feedback] }));
  await mkdir(path.join(scratch, "personalize"));
  await file(
    "personalize/interactions.csv",
    "USER_ID,ITEM_ID,TIMESTAMP",
    ...rows.map(({ user, item }) => `${user},${item},1700000000`),
  );
  await file("gorse-feedback.json", jsonOf("docs/migrating.md", "FeedbackType"));
  await file("shop.json", JSON.stringify({ file: "ratings.csv", ...SHOP }));
  const rated = { userId: "ada", itemId: "1", type: "rate", value: 5 };
  const body = JSON.stringify(rated);
  const sent = await fetch(`${cloud.api}/v1/events`, { method: "POST", body });
  const { cursor } = (await sent.json()) as { cursor: string };
  const { release } = (await (await fetch(`${cloud.api}/v1/trending`)).json()) as {
    release: string;
  };
  const { pool } = cloud.database;
  const kept = await pool.query("select snapshot from datasets where snapshot is not null");
  const events = await pool.query("select event_id from events limit 1");
  return [
    [/path\/to\/gorse\b/g, () => "gorse"],
    [/path\/to\/personalize\b/g, () => "personalize"],
    [/path\/to\/ratings\b|\bDIR\b/g, () => ratings],
    [/http:\/\/127\.0\.0\.1:8787/g, () => cloud.api],
    [/curl -s 'http:\/\/gorse:8088[^']*'/g, () => "cat gorse.json"],
    [/\btail -f\b/g, () => "cat"],
    [/\bCURSOR\b/g, () => cursor],
    [/\b\d{8}-\d{6}-[0-9a-f]{8}\b/g, () => release],
    [/\b3f2a\b|\b91bc\b/g, () => (kept.rows[0] as { snapshot: string }).snapshot.slice(0, 12)],
    [/\b[0-9a-f]{32}\b/g, () => (events.rows[0] as { event_id: string }).event_id],
    [/\bunlisted-3f2c…/g, () => unlistedOf(cloud)],
  ];
}

/** Where "usher train --lists none", which a page shows first, has put everything but the lists. */
function unlistedOf({ home }: TestCloud): string {
  const folder = readdirSync(home.releases).find((name) => name.startsWith("unlisted-"));
  return path.join(home.releases, folder ?? "none");
}

const SHOP = { fields: { userId: "userId", itemId: "movieId", value: "rating" }, type: "rate" };

function isOnPath(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  return folders.some((folder) => existsSync(path.join(folder, program)));
}

/** The JSON example of a document that holds a word. */
function jsonOf(file: string, word: string): string {
  const text = readFileSync(path.join(root, file), "utf8");
  const fences = Array.from(text.matchAll(/^```json\n([\s\S]*?)^```/gm), ([, fence]) => fence!);
  return fences.find((fence) => fence.includes(word))!;
}
