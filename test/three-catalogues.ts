/** Three catalogues of one deployment, and ways of asking them. */
import { createHash } from "node:crypto";
import { request } from "node:http";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import type { Surroundings } from "../bin/surroundings.ts";
import { addTenant, ofTenant } from "../bin/tenant-surroundings.ts";
import type { SyntheticShape } from "../local/synthetic.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

const TENANTS = ["acme", "beta"] as const;
/** Where each catalogue answers, by whose it is. */
export const PLACES = { own: "", acme: "/t/acme", beta: "/t/beta" } as const;
export type Whose = keyof typeof PLACES;
export const WHOSE = Object.keys(PLACES) as Whose[];

/** The entry of `API_KEYS` for a key that may do everything in one catalogue, `key-of-` its name. */
function keyEntry(whose: Whose) {
  const sha256 = createHash("sha256").update(`key-of-${whose}`).digest("hex");
  const scopes = ["events", "read", "operate"];
  return { name: whose, sha256, scopes, ...(whose === "own" ? {} : { tenant: whose }) };
}

/** A cloud with three catalogues, each of which serves a release of its own. */
export interface ThreeCatalogues {
  readonly cloud: TestCloud;
  readonly around: Record<Whose, Surroundings>;
  readonly release: Record<Whose, string>;
  stop(): Promise<void>;
}

/** @param shapeOf what each catalogue's ratings are like, by its place in `WHOSE`. */
export async function startThreeCatalogues(
  shapeOf: (at: number) => Partial<SyntheticShape>,
  vars: Readonly<Record<string, string>> = {},
): Promise<ThreeCatalogues> {
  const API_KEYS = JSON.stringify(WHOSE.map(keyEntry));
  const cloud = await startTestCloud({ vars: { API_KEYS, ...vars } });
  const around = { own: cloud.around } as Record<Whose, Surroundings>;
  const release = {} as Record<Whose, string>;
  for (const tenant of TENANTS) {
    await addTenant(cloud.around, tenant);
    around[tenant] = await ofTenant(cloud.around, tenant);
  }
  for (const [at, whose] of WHOSE.entries()) {
    const ratings = await syntheticRatings(`${cloud.scratch}/${whose}`, shapeOf(at));
    await importDirectory(around[whose].database, ratings);
    release[whose] = (await runCycle(around[whose], silentProgress, { force: true })).release;
  }
  const stop = async () => {
    for (const tenant of TENANTS) await around[tenant].database.close();
    await cloud.stop();
  };
  return { cloud, around, release, stop };
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
