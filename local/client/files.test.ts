import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundledClient, interfaceFile } from "./files.ts";
import { typeText } from "./type-text.ts";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
/** Without layout, which the formatter decides. */
const squeezed = (text: string) => text.replace(/[\s()]+/g, "").replaceAll(":|", ":");

test("the client's types are those of /openapi.json (else: npm run client)", async () => {
  expect(squeezed(read("client/interface.ts"))).toBe(squeezed(await interfaceFile()));
});

test("the module that pages load is made from the client as it is (else: npm run client)", async () => {
  expect(read("worker/public/usher-client.js")).toBe(await bundledClient());
});

test("the client weighs less than 3 KB, minified and gzipped, and depends on nothing", async () => {
  expect(gzipSync(await bundledClient()).length).toBeLessThan(3 * 1024);
  expect(JSON.parse(read("client/package.json"))).not.toHaveProperty("dependencies");
});

test("a schema of a kind that the client has no type for is refused, not passed over", () => {
  expect(() => typeText({ type: "object", properties: { odd: { type: "bigint" } } })).toThrow(
    '{"type":"bigint"}',
  );
});
