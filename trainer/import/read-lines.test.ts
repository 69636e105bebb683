import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLines } from "./read-lines.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-lines-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function linesOf(content: string | Uint8Array, longest?: number) {
  const file = path.join(folder, "file.txt");
  await writeFile(file, content);
  const lines: string[] = [];
  const tooLong: number[] = [];
  for await (const block of readLines(file, "utf8", longest)) {
    expect(block.firstLine).toBe(lines.length + 1);
    lines.push(...block.lines);
    tooLong.push(...block.tooLong);
  }
  return { lines, tooLong };
}

test("lines come out as they went in, whatever the line end", async () => {
  const line = fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n]|^\ufeff/.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.constantFrom("\n", "\r\n"), async (lines, end) => {
      const content = lines.map((text) => text + end).join("");
      expect(await linesOf(content)).toEqual({ lines, tooLong: [] });
    }),
    { numRuns: 60 },
  );
});

test("a last line without its end counts, and so do lines across chunks", async () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `${i},größe 🎬`);
  expect(await linesOf(lines.join("\n"))).toEqual({ lines, tooLong: [] });
});

test("a byte order mark is left away", async () => {
  expect((await linesOf("\ufeffuserId,movieId\n1,2")).lines).toEqual(["userId,movieId", "1,2"]);
});

test("an empty file has no lines", async () => {
  expect((await linesOf("")).lines).toEqual([]);
});

test("a line without end takes no memory without end, and the next is read again", async () => {
  const content = `first\n${"x".repeat(2_000_000)}\nthird\n`;
  const { lines, tooLong } = await linesOf(content, 300_000);
  expect(tooLong).toEqual([2]);
  expect(lines.map((text) => text.length)).toEqual([5, 2000, 5]);
  const unended = await linesOf("x".repeat(2_000_000), 300_000);
  expect(unended.tooLong).toEqual([1]);
  expect(unended.lines[0]).toHaveLength(2000);
});

test("a file that is a folder is said to be unreadable", async () => {
  await expect(readLines(folder, "utf8").next()).rejects.toMatchObject({
    code: "IMPORT_UNREADABLE",
  });
});
