import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BucketServer, startBucketServer } from "../../local/bucket-server.ts";
import { folderStore } from "./folder-store.ts";
import { s3Store } from "./s3-store.ts";
import type { SnapshotStore } from "./store.ts";

const keys = { accessKeyId: "id", secretAccessKey: "secret" };
let folder: string;
let server: BucketServer;
const stores: Record<string, SnapshotStore> = {};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-store-"));
  server = await startBucketServer(keys);
  stores["folder"] = folderStore(folder);
  stores["bucket"] = s3Store({ url: server.url, ...keys });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each(["folder", "bucket"])("a store in a %s", (kind) => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  test("keeps bytes under keys, lists them in order, and forgets them", async () => {
    const store = stores[kind]!;
    for (const name of ["c", "a & b", "b", "e", "d"])
      await store.write(`parts/${name}`, bytes(name));
    await store.write("snapshots/x", bytes("x"));
    await store.write("parts/c", bytes("again"));
    expect(await store.list("parts/")).toEqual(
      ["a & b", "b", "c", "d", "e"].map((name) => `parts/${name}`),
    );
    expect(new TextDecoder().decode((await store.read("parts/c"))!)).toBe("again");
    expect(await store.read("parts/none")).toBeNull();
    await store.delete("parts/c");
    await store.delete("parts/c");
    expect(await store.read("parts/c")).toBeNull();
    expect(await store.list("nothing/")).toEqual([]);
  });
});

describe("a bucket", () => {
  const bytes = new TextEncoder().encode("rows");

  test("that asks to slow down is asked again, and one that never takes it is told by its answer", async () => {
    server.slowDown(3);
    await stores["bucket"]!.write("busy/a", bytes);
    expect(server.objects.get("busy/a")?.toString()).toBe("rows");
    server.slowDown(50);
    await expect(stores["bucket"]!.read("busy/a")).rejects.toMatchObject({
      code: "BUCKET_FAILED",
      message: expect.stringContaining("503 <Error><Code>SlowDown</Code></Error>"),
    });
    server.slowDown(0);
  });

  test("of more than a thousand keys is listed whole", async () => {
    const names = Array.from({ length: 2_345 }, (_, n) => `many/${String(n).padStart(5, "0")}`);
    for (const name of names) server.objects.set(name, Buffer.from("x"));
    expect(await stores["bucket"]!.list("many/")).toEqual(names);
  });

  test("refuses another key's requests, with a sentence that names what was asked", async () => {
    const stranger = s3Store({ url: server.url, ...keys, secretAccessKey: "another" });
    await expect(stranger.list("")).rejects.toMatchObject({
      code: "BUCKET_FAILED",
      message: expect.stringContaining("403 <Error><Code>SignatureDoesNotMatch"),
    });
  });

  test("does not keep bytes that changed on their way", async () => {
    server.corruptNext();
    await expect(stores["bucket"]!.write("torn", bytes)).rejects.toMatchObject({
      code: "BUCKET_FAILED",
      message: expect.stringContaining("400 <Error><Code>BadDigest"),
    });
    expect(server.objects.has("torn")).toBe(false);
  });
});
