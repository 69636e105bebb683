import { randomBytes, randomUUID } from "node:crypto";
import { MemoryKv } from "../memory-kv.ts";
import type { LocalKv } from "../workerd.ts";

/** Permissions of an API token, by the names that Cloudflare's dashboard gives them. */
export const PERMISSIONS = [
  "Workers KV Storage",
  "Workers Scripts",
  "Queues",
  "Workers R2 Storage",
  "Account Analytics",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** A Workers KV namespace. */
export interface Namespace {
  readonly title: string;
  readonly kv: LocalKv;
}

/** A queue and the Workers that consume it. */
export interface Queue {
  readonly name: string;
  readonly consumers: Map<string, QueueConsumer>;
}

/** A consumer as it was asked for; `script` is the Worker's name. */
export interface QueueConsumer {
  readonly script: string;
  readonly deadLetterQueue: string | null;
  readonly settings: unknown;
}

/** What an upload binds, as its metadata says: `type`, `name` and what the type needs. */
export interface Binding {
  readonly type: string;
  readonly name: string;
  readonly [detail: string]: unknown;
}

/** One immutable version of a Worker. */
export interface Version {
  readonly id: string;
  readonly number: number;
  readonly createdAt: string;
  readonly bindings: readonly Binding[];
  readonly modules: ReadonlyMap<string, Uint8Array>;
  readonly tag: string | null;
  readonly message: string | null;
}

/** Which versions serve what share of the requests, in percent that sum to 100. */
export interface Deployment {
  readonly id: string;
  readonly createdAt: string;
  readonly message: string | null;
  readonly versions: readonly { readonly id: string; readonly percentage: number }[];
}

/** A Worker: its versions, what serves now (the first deployment), and what starts it. */
export interface Script {
  readonly name: string;
  readonly versions: Map<string, Version>;
  readonly deployments: Deployment[];
  readonly secrets: Map<string, string>;
  migrationTag: string | null;
  crons: readonly string[];
  onWorkersDev: boolean;
}

/** Requests and failed ones that a version has answered. */
export interface Traffic {
  readonly requests: number;
  readonly errors: number;
}

/** Everything that a Cloudflare account holds, as far as the stand-in knows of it. */
export interface Account {
  readonly id: string;
  readonly namespaces: Map<string, Namespace>;
  readonly queues: Map<string, Queue>;
  readonly scripts: Map<string, Script>;
  readonly buckets: Set<string>;
  subdomain: string | null;
  /** What the token may do; a test takes some of it away. */
  readonly permissions: Set<Permission>;
  /** Namespaces at most: 1,000, as Cloudflare has it. */
  namespaceLimit: number;
  /** What analytics tells of a version, by its id; nothing was asked of it by default. */
  traffic: (versionId: string) => Traffic;
}

/** An account in which nothing has been made yet. */
export function emptyAccount(id: string): Account {
  return {
    id,
    namespaces: new Map(),
    queues: new Map(),
    scripts: new Map(),
    buckets: new Set(),
    subdomain: null,
    permissions: new Set(PERMISSIONS),
    namespaceLimit: 1_000,
    traffic: () => ({ requests: 0, errors: 0 }),
  };
}

/** An identifier as namespaces and queues have them: 32 hex digits. */
export function newId(): string {
  return randomBytes(16).toString("hex");
}

/** A namespace without a value. */
export function newNamespace(title: string): Namespace {
  return { title, kv: new MemoryKv() };
}

/** A Worker without a version. */
export function newScript(name: string): Script {
  return {
    name,
    versions: new Map(),
    deployments: [],
    secrets: new Map(),
    migrationTag: null,
    crons: [],
    onWorkersDev: false,
  };
}

/** Lets versions serve; the newest deployment is the one that counts. */
export function deploy(
  script: Script,
  versions: Deployment["versions"],
  message: string | null = null,
): Deployment {
  const createdAt = new Date().toISOString();
  const deployment = { id: randomUUID(), createdAt, message, versions };
  script.deployments.unshift(deployment);
  return deployment;
}
