import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeMadeUpRelease } from "../local/rehearsal/made-up-release.ts";
import { READ_FORMATS } from "../release/formats.ts";
import { requireReadable, requireServable } from "./require-readable.ts";

let folder: string;
let manifest: ArrayBuffer;
let health: unknown;
let server: Server;
let api: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-readable-"));
  const shape = { users: 10, items: 30, shards: 1, variant: 0 };
  const written = await writeMadeUpRelease(folder, shape, new Date(0));
  manifest = new Uint8Array(await readFile(path.join(written.path, "manifest.json"))).buffer;
  server = createServer((_, response) => response.end(JSON.stringify(health)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const store = { read: async () => manifest };

test("a release that the Worker reads may serve", async () => {
  health = { reads: READ_FORMATS };
  await expect(requireReadable(api, store, "r")).resolves.toBeUndefined();
});

test("one that it cannot read is refused, with what to do", async () => {
  health = { reads: { ...READ_FORMATS, model: [1] } };
  await expect(requireReadable(api, store, "r")).rejects.toMatchObject({
    code: "RELEASE_UNREADABLE",
    message: expect.stringMatching(/of model .*Deploy/),
  });
});

test("a Worker that cannot be asked stops nobody from going back", async () => {
  health = "no health at all";
  await expect(requireReadable(api, store, "r")).resolves.toBeUndefined();
  await expect(requireReadable("http://127.0.0.1:9", store, "r")).resolves.toBeUndefined();
  await expect(requireReadable(null, store, "r")).resolves.toBeUndefined();
});

test("arms of an experiment are releases that are there and can be read, or what serves", async () => {
  health = { reads: READ_FORMATS };
  await requireServable(api, store, [null, "r"]);
  await expect(requireServable(api, { read: async () => null }, ["r"])).rejects.toMatchObject({
    code: "UNKNOWN_RELEASE",
  });
  health = { reads: { ...READ_FORMATS, model: [1] } };
  await expect(requireServable(api, store, [null, "r"])).rejects.toMatchObject({
    code: "RELEASE_UNREADABLE",
  });
});
