/** Three catalogues of one deployment, and ways of asking them. */
import { createHash } from "node:crypto";
import { request } from "node:http";

export const TENANTS = ["acme", "beta"] as const;
/** Where each catalogue answers, by whose it is. */
export const PLACES = { own: "", acme: "/t/acme", beta: "/t/beta" } as const;
export type Whose = keyof typeof PLACES;
export const WHOSE = Object.keys(PLACES) as Whose[];

/** The entry of `API_KEYS` for a key that may do everything in one catalogue, `key-of-` its name. */
export function keyEntry(whose: Whose) {
  const sha256 = createHash("sha256").update(`key-of-${whose}`).digest("hex");
  const scopes = ["events", "read", "operate"];
  return { name: whose, sha256, scopes, ...(whose === "own" ? {} : { tenant: whose }) };
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly key?: Whose;
}

/** Asks the API at `origin`, with a catalogue's key or without. */
export async function ask(origin: string, path: string, { method = "GET", body, key }: Asked = {}) {
  const headers = {
    "content-type": "application/json",
    ...(key === undefined ? {} : { "x-api-key": `key-of-${key}` }),
  };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(origin + path, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  const answer = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status: response.status, release: response.headers.get("usher-release"), text, answer };
}

/** `fetch` tidies a path up before it is sent; this sends it as it is. */
export function askRaw(
  origin: string,
  path: string,
): Promise<{ status: number; release: string | null }> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, (response) => {
      response.resume();
      const served = response.headers["usher-release"];
      resolve({ status: response.statusCode!, release: served === undefined ? null : `${served}` });
    })
      .on("error", reject)
      .end();
  });
}
