import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { UsherError } from "../../release/error.ts";
import type { SnapshotStore } from "./store.ts";

/** A bucket with S3's interface, such as R2's `https://ACCOUNT.r2.cloudflarestorage.com/BUCKET`. */
export interface BucketAccess {
  /** Endpoint with the bucket, without a slash at the end. */
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** `auto` for R2. */
  readonly region?: string;
}

/** Snapshots in an S3-compatible bucket. @throws UsherError `BUCKET_FAILED` with its answer. */
export function s3Store({ url, region = "auto", ...credentials }: BucketAccess): SnapshotStore {
  const client = new AwsClient({ ...credentials, region, service: "s3", retries: 4 });
  const at = (key: string) => `${url}/${key.split("/").map(encodeURIComponent).join("/")}`;
  const send = async (target: string, init: RequestInit, mayLack = false) => {
    const response = await client.fetch(target, init);
    if (response.ok || (mayLack && response.status === 404)) return response;
    const said = (await response.text()).slice(0, 300);
    throw new UsherError("BUCKET_FAILED", `${init.method} ${target}: ${response.status} ${said}`);
  };
  return {
    place: url,
    async read(key) {
      const response = await send(at(key), { method: "GET" }, true);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return response.status === 404 ? null : bytes;
    },
    async write(key, bytes) {
      const response = await send(at(key), {
        method: "PUT",
        body: bytes as Uint8Array<ArrayBuffer>,
        // The bucket refuses what has changed on its way.
        headers: { "content-md5": createHash("md5").update(bytes).digest("base64") },
      });
      await response.arrayBuffer();
    },
    async list(prefix) {
      const keys: string[] = [];
      for (let token: string | undefined = ""; token !== undefined; ) {
        const query = new URLSearchParams({ "list-type": "2", prefix });
        if (token !== "") query.set("continuation-token", token);
        const xml: string = await (await send(`${url}?${query}`, { method: "GET" })).text();
        for (const [, key] of xml.matchAll(/<Key>([^<]*)<\/Key>/g)) keys.push(unescaped(key!));
        const next = /<NextContinuationToken>([^<]*)</.exec(xml)?.[1];
        token = next === undefined ? undefined : unescaped(next);
      }
      return keys.sort();
    },
    async delete(key) {
      await (await send(at(key), { method: "DELETE" }, true)).arrayBuffer();
    },
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity]!);
}
