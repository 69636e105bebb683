/** docs/security.md names the test that holds each claim: every one must be there. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const document = readFileSync(path.join(root, "docs/security.md"), "utf8");
const claims = Array.from(
  document.matchAll(/`([^`]+\.test\.ts)`(?:: "([^"]+)")?/g),
  ([, file, title]) => ({ file: file!, title: title ?? null }),
);

test("the document names tests at all", () => {
  expect(claims.length).toBeGreaterThan(20);
});

test.each(claims)("$file: $title", ({ file, title }) => {
  const where = path.join(root, file);
  expect(existsSync(where)).toBe(true);
  if (title !== null) expect(readFileSync(where, "utf8")).toContain(title);
});
