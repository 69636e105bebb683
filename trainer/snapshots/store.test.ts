import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderStore } from "./folder-store.ts";
import { s3Store } from "./s3-store.ts";
import type { SnapshotStore } from "./store.ts";

/** Keys that the stand-in lists on a page; S3's are 1,000. */
const PAGE = 2;

/** A bucket over HTTP as S3 answers, as far as a store asks: signed requests, pages, XML escapes. */
function bucketServer(): Server {
  const objects = new Map<string, Buffer>();
  let failures = 1;
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url!, "http://bucket");
    const key = decodeURIComponent(url.pathname.replace("/bucket", "").slice(1));
    const answer = (status: number, body: string | Buffer = "") =>
      response.writeHead(status).end(body);
    if (
      !/^AWS4-HMAC-SHA256 Credential=id\/\d+\/auto\/s3\//.test(request.headers.authorization ?? "")
    ) {
      return answer(403, "<Error><Code>AccessDenied</Code></Error>");
    }
    // The first request of all meets what S3 asks clients to retry.
    if (failures-- > 0) return answer(503, "<Error><Code>SlowDown</Code></Error>");
    if (request.method === "PUT") {
      objects.set(key, Buffer.concat(chunks));
      return answer(200);
    }
    if (request.method === "DELETE") {
      objects.delete(key);
      return answer(204);
    }
    if (key !== "") {
      const object = objects.get(key);
      return object === undefined ? answer(404, "<Error/>") : answer(200, object);
    }
    const prefix = url.searchParams.get("prefix") ?? "";
    const after = url.searchParams.get("continuation-token") ?? "";
    const keys = [...objects.keys()]
      .filter((name) => name.startsWith(prefix) && name > after)
      .sort();
    const page = keys.slice(0, PAGE);
    const xml = (text: string) => text.replaceAll("&", "&amp;");
    const contents = page.map((name) => `<Contents><Key>${xml(name)}</Key></Contents>`).join("");
    const more = keys.length > PAGE;
    const next = more ? `<NextContinuationToken>${xml(page.at(-1)!)}</NextContinuationToken>` : "";
    return answer(200, `<ListBucketResult>${contents}${next}</ListBucketResult>`);
  });
}

let folder: string;
let server: Server;
const stores: Record<string, SnapshotStore> = {};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-store-"));
  server = bucketServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  stores["folder"] = folderStore(folder);
  const url = `http://127.0.0.1:${port}/bucket`;
  stores["bucket"] = s3Store({ url, accessKeyId: "id", secretAccessKey: "secret" });
});
afterAll(async () => {
  server?.close();
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
