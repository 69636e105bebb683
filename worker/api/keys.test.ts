import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalCloud } from "../../local/cloud.ts";
import { startTestCloud } from "../../test/cloud.ts";

const sha256 = (key: string) => createHash("sha256").update(key).digest("hex");
const API_KEYS = JSON.stringify([
  { name: "shop", sha256: sha256("usher_shop"), scopes: ["events"] },
  { name: "reader", sha256: sha256("usher_reader"), scopes: ["read"] },
]);

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await startTestCloud({ vars: { API_KEYS } });
});
afterAll(() => cloud?.stop());

async function post(headers: Record<string, string>) {
  const body = JSON.stringify({ userId: "ada", itemId: "1", type: "view" });
  const response = await fetch(`${cloud.api}/v1/events`, { method: "POST", headers, body });
  const problem = (await response.json()) as { title?: string };
  return [response.status, problem.title];
}

test("a key with the scope passes, as bearer or in its own header", async () => {
  expect(await post({ authorization: "Bearer usher_shop" })).toEqual([202, undefined]);
  expect(await post({ authorization: "bearer  usher_shop" })).toEqual([202, undefined]);
  expect(await post({ "x-api-key": "usher_shop" })).toEqual([202, undefined]);
});

test("without a known key nothing is taken", async () => {
  const unauthorized = [401, "UNAUTHORIZED"];
  expect(await post({})).toEqual(unauthorized);
  expect(await post({ authorization: "Bearer usher_wrong" })).toEqual(unauthorized);
  expect(await post({ authorization: "Basic usher_shop" })).toEqual(unauthorized);
  expect(await post({ "x-api-key": "" })).toEqual(unauthorized);
  // The hash, should it leak, opens nothing.
  expect(await post({ "x-api-key": sha256("usher_shop") })).toEqual(unauthorized);
});

test("a key without the scope is told so", async () => {
  expect(await post({ "x-api-key": "usher_reader" })).toEqual([403, "SCOPE_MISSING"]);
});

test.each([
  ["GET", "/v1/releases"],
  ["GET", "/v1/releases/any"],
  ["GET", "/v1/status"],
  ["POST", "/v1/releases/rollback"],
  ["POST", "/v1/releases/any/activate"],
])("%s %s is for operators alone", async (method, path) => {
  const status = async (headers: Record<string, string>) => {
    const response = await fetch(cloud.api + path, { method, headers });
    await response.text();
    return response.status;
  };
  expect(await status({})).toBe(401);
  expect(await status({ "x-api-key": "usher_wrong" })).toBe(401);
  expect(await status({ "x-api-key": "usher_shop" })).toBe(403);
  expect(await status({ "x-api-key": "usher_reader" })).toBe(403);
});

test("recommendations need no key: their answers are cached for everybody", async () => {
  const response = await fetch(`${cloud.api}/recommend/ada`);
  expect(response.status).not.toBe(401);
  await response.text();
});

test("keys do not appear in the logs", async () => {
  await post({ "x-api-key": "usher_wrong" });
  const log = await readFile(path.join(cloud.home.logs, "workers.ndjson"), "utf8").catch(() => "");
  expect(log).not.toContain("usher_");
});
