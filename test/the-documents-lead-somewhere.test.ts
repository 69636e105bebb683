/** Every link of the documents to a file or heading of this repository. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const LEFT_ALONE = ["node_modules", ".git", ".usher", ".wrangler", "dist"];

interface Link {
  readonly from: string;
  readonly target: string;
}

function documents(folder = ""): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) return LEFT_ALONE.includes(entry.name) ? [] : documents(name);
    return name.endsWith(".md") ? [name] : [];
  });
}

function linksOf(from: string): Link[] {
  const text = withoutCode(readFileSync(path.join(root, from), "utf8"));
  return Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => ({ from, target: target! }));
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

/** A heading as the address that GitHub gives it. */
function anchorsOf(file: string): string[] {
  const text = readFileSync(file, "utf8").replace(/^```[\s\S]*?^```/gm, "");
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}

function faultOf({ from, target }: Link): string | null {
  const [place = "", anchor] = target.split("#");
  const file = place === "" ? path.join(root, from) : path.resolve(root, path.dirname(from), place);
  if (!existsSync(file)) return `${from}: there is no ${target}`;
  if (anchor === undefined || statSync(file).isDirectory()) return null;
  return anchorsOf(file).includes(anchor) ? null : `${from}: no heading for ${target}`;
}

const links = documents().flatMap(linksOf);
const inside = links.filter(({ target }) => !/^[a-z]+:/.test(target));

test("each leads to a file or heading that is there", () => {
  expect(inside.length).toBeGreaterThan(60);
  expect(inside.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
});

test("a link that leads nowhere would be told", () => {
  expect(faultOf({ from: "docs/start.md", target: "nowhere.md" })).toContain("there is no");
  expect(faultOf({ from: "docs/start.md", target: "limits.md#nowhere" })).toContain("no heading");
});
