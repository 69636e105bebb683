import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { AwsV4Signer } from "aws4fetch";

/** A bucket over HTTP that answers as S3 documents it, as far as snapshots ask. */
export interface BucketServer {
  readonly url: string;
  readonly objects: Map<string, Buffer>;
  /** Answers the next so many requests with `503 SlowDown`, as a busy bucket does. */
  slowDown(requests: number): void;
  /** Lets the next object arrive with a byte changed. */
  corruptNext(): void;
  stop(): Promise<void>;
}

export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Most keys that one page of a listing holds. */
const PAGE = 1_000;

/**
 * Starts it. What it holds clients to: requests signed by the key (Signature Version 4, checked by
 * signing again), `Content-MD5`, `If-None-Match` on GET and PUT, listings in pages of 1,000 by opaque
 * tokens, keys escaped for XML.
 */
export async function startBucketServer(keys: BucketKeys): Promise<BucketServer> {
  const objects = new Map<string, Buffer>();
  let busy = 0;
  let corrupt = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (busy > 0) {
      busy--;
      return refuse(response, 503, "SlowDown");
    }
    if (!(await isSigned(request, body, keys))) {
      return refuse(response, 403, "SignatureDoesNotMatch");
    }
    const url = new URL(request.url!, "http://bucket");
    const key = decodeURIComponent(url.pathname.replace("/bucket", "").slice(1));
    if (key === "") return list(response, objects, url.searchParams);
    if (corrupt && body.length > 0) {
      body[0]! ^= 1;
      corrupt = false;
    }
    if (request.method === "PUT") return put(request, response, objects, key, body);
    if (request.method === "GET") return get(request, response, objects.get(key));
    objects.delete(key);
    return response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/bucket`,
    objects,
    slowDown: (requests) => {
      busy = requests;
    },
    corruptNext: () => {
      corrupt = true;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function isSigned(request: IncomingMessage, body: Buffer, keys: BucketKeys) {
  const { authorization = "", host } = request.headers;
  const [, region] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d+\/([^/]+)\/s3\//.exec(authorization) ?? [];
  if (region === undefined) return false;
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? [];
  const signed = names
    .filter((name) => name !== "host" && name !== "x-amz-date")
    .map((name) => [name, String(request.headers[name])] as const);
  const signer = new AwsV4Signer({
    ...keys,
    region,
    service: "s3",
    method: request.method!,
    url: `http://${host}${request.url}`,
    headers: Object.fromEntries(signed),
    body: body.length === 0 ? "" : new Uint8Array(body),
    datetime: String(request.headers["x-amz-date"]),
    allHeaders: true,
  });
  return (await signer.sign()).headers.get("authorization") === authorization;
}

function put(
  request: IncomingMessage,
  response: ServerResponse,
  objects: Map<string, Buffer>,
  key: string,
  body: Buffer,
) {
  const md5 = request.headers["content-md5"];
  if (md5 !== undefined && md5 !== digest(body, "base64"))
    return refuse(response, 400, "BadDigest");
  if (request.headers["if-none-match"] === "*" && objects.has(key)) {
    return refuse(response, 412, "PreconditionFailed");
  }
  objects.set(key, body);
  return response.writeHead(200, { etag: etagOf(body) }).end();
}

function get(request: IncomingMessage, response: ServerResponse, object: Buffer | undefined) {
  if (object === undefined) return refuse(response, 404, "NoSuchKey");
  const etag = etagOf(object);
  if (request.headers["if-none-match"] === etag) return response.writeHead(304, { etag }).end();
  return response.writeHead(200, { etag }).end(object);
}

function list(response: ServerResponse, objects: Map<string, Buffer>, query: URLSearchParams) {
  const prefix = query.get("prefix") ?? "";
  const token = query.get("continuation-token");
  const after = token === null ? "" : Buffer.from(token, "base64").toString();
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, Math.min(Number(query.get("max-keys") ?? PAGE), PAGE));
  const contents = page.map(
    (key) =>
      `<Contents><Key>${escaped(key)}</Key><ETag>${escaped(etagOf(objects.get(key)!))}</ETag></Contents>`,
  );
  const more = keys.length > page.length;
  const next = Buffer.from(page.at(-1) ?? "").toString("base64");
  const parts = [
    `<IsTruncated>${more}</IsTruncated><KeyCount>${page.length}</KeyCount>`,
    ...contents,
    more ? `<NextContinuationToken>${next}</NextContinuationToken>` : "",
  ];
  response.writeHead(200, { "content-type": "application/xml" });
  return response.end(`<ListBucketResult>${parts.join("")}</ListBucketResult>`);
}

function refuse(response: ServerResponse, status: number, code: string) {
  return response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
}

function etagOf(body: Buffer): string {
  return `"${digest(body, "hex")}"`;
}

function digest(body: Buffer, encoding: "hex" | "base64"): string {
  return createHash("md5").update(body).digest(encoding);
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
