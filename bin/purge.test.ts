import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { purgeCached } from "./purge.ts";

let server: Server | undefined;
afterEach(() => new Promise((resolve) => server?.close(resolve) ?? resolve(null)));

const asked: { url: string | undefined; key: string | undefined; body: string }[] = [];

/** The origin of an API that answers so. */
async function answering(status: number, body: unknown): Promise<string> {
  server = createServer(async (request: IncomingMessage, response) => {
    const { url, headers } = request;
    asked.push({ url, key: headers.authorization, body: await text(request) });
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the API is asked once, with the key, for all releases of the change", async () => {
  const api = await answering(200, { purged: "purged" });
  expect(await purgeCached(api, "secret", ["a", "b"])).toBe("cached answers are purged");
  expect(asked).toEqual([
    { url: "/v1/releases/purge", key: "Bearer secret", body: '{"releases":["a","b"]}' },
  ]);
});

test("what keeps a purge from happening is told, and that answers go by themselves", async () => {
  const api = await answering(403, { detail: "This key may not operate." });
  expect(await purgeCached(api, "weak", ["a"])).toBe(
    "cached answers go by themselves, the last after 11 minutes: This key may not operate.",
  );
  expect(await purgeCached(null, undefined, ["a"])).toMatch(/after 11 minutes; with USHER_API and/);
  expect(await purgeCached("http://127.0.0.1:1", undefined, ["a"])).toMatch(/after 11 minutes: /);
});
