import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { type ApiClient, ApiRefusal } from "./api-client.ts";

const NamespaceSchema = v.object({ id: v.string(), title: v.string() });
const ConsumerSchema = v.object({ consumer_id: v.string(), script: v.optional(v.string()) });
const QueueSchema = v.object({
  queue_id: v.string(),
  queue_name: v.string(),
  consumers: v.optional(v.array(ConsumerSchema), []),
});
const DeploymentsSchema = v.object({
  deployments: v.array(
    v.object({
      versions: v.array(v.object({ version_id: v.string(), percentage: v.number() })),
    }),
  ),
});
const VersionSchema = v.object({
  id: v.string(),
  annotations: v.optional(v.record(v.string(), v.string()), {}),
});

/** A queue and its consumers. */
export type QueueEntry = v.InferOutput<typeof QueueSchema>;
/** A version of a Worker and its share of the requests, in percent. */
export interface VersionShare {
  readonly version: string;
  readonly percentage: number;
}

/** Entries of one page of a listing. */
const PAGE = 100;
/** Codes for "there is no such Worker", and for "no such R2 bucket", "no such namespace". */
const ABSENT = [10007, 10090, 10006, 10013, 11000];

/** A Cloudflare account, as far as a deployment of Usher needs it. */
export class CloudflareAccount {
  readonly id: string;
  readonly client: ApiClient;

  constructor(client: ApiClient, id: string) {
    this.client = client;
    this.id = id;
  }

  async namespaceId(title: string): Promise<string | null> {
    const all = await this.#list("/storage/kv/namespaces", NamespaceSchema);
    return all.find((namespace) => namespace.title === title)?.id ?? null;
  }

  async createNamespace(title: string): Promise<string> {
    const result = await this.send("POST", "/storage/kv/namespaces", { title });
    return read(NamespaceSchema, result).id;
  }

  async queue(name: string): Promise<QueueEntry | null> {
    const query = `/queues?name=${encodeURIComponent(name)}`;
    const found = read(v.nullish(v.array(QueueSchema), []), await this.send("GET", query));
    return found?.find((queue) => queue.queue_name === name) ?? null;
  }

  async createQueue(name: string): Promise<string> {
    return read(QueueSchema, await this.send("POST", "/queues", { queue_name: name })).queue_id;
  }

  /** Whether something is there; any other refusal than "no such …" is thrown. */
  async exists(path: string): Promise<boolean> {
    return (await this.sendIfThere("GET", path)) !== null;
  }

  /** What serves of a Worker now, largest share first; null when there is no such Worker. */
  async serving(script: string): Promise<VersionShare[] | null> {
    const result = await this.sendIfThere("GET", `/workers/scripts/${script}/deployments`);
    if (result === null) return null;
    const [newest] = read(DeploymentsSchema, result).deployments;
    return (newest?.versions ?? [])
      .map(({ version_id, percentage }) => ({ version: version_id, percentage }))
      .sort((a, b) => b.percentage - a.percentage);
  }

  /** The tag that a version was uploaded with. */
  async versionTag(script: string, version: string): Promise<string | null> {
    const result = await this.send("GET", `/workers/scripts/${script}/versions/${version}`);
    return read(VersionSchema, result).annotations["workers/tag"] ?? null;
  }

  /** The newest version with this tag, among those that can be deployed. */
  async versionTagged(script: string, tag: string): Promise<string | null> {
    const path = `/workers/scripts/${script}/versions?deployable=true`;
    const { items } = read(
      v.object({ items: v.array(VersionSchema) }),
      await this.send("GET", path),
    );
    return items.find((version) => version.annotations["workers/tag"] === tag)?.id ?? null;
  }

  async deploy(script: string, shares: readonly VersionShare[], message: string): Promise<void> {
    await this.send("POST", `/workers/scripts/${script}/deployments`, {
      strategy: "percentage",
      versions: shares.map(({ version, percentage }) => ({ version_id: version, percentage })),
      annotations: { "workers/message": message },
    });
  }

  /** The `result` of a request below the account. @throws ApiRefusal, NoAnswer. */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.client.send(method, `/accounts/${this.id}${path}`, body);
    return read(v.object({ result: v.unknown() }), answer).result;
  }

  /** The same, null for what is not there. */
  async sendIfThere(method: string, path: string): Promise<unknown> {
    try {
      return (await this.send(method, path)) ?? {};
    } catch (error) {
      if (error instanceof ApiRefusal && isAbsence(error)) return null;
      throw error;
    }
  }

  async #list<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
      const result = await this.send("GET", `${path}?page=${page}&per_page=${PAGE}`);
      const entries = read(v.array(schema), result);
      all.push(...entries);
      if (entries.length < PAGE) return all;
    }
  }
}

function isAbsence({ status, codes }: ApiRefusal): boolean {
  return status === 404 && (codes.length === 0 || codes.some((code) => ABSENT.includes(code)));
}

/** What an answer holds, if it is what the API documents. @throws UsherError `API_ANSWER`. */
export function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new UsherError(
    "API_ANSWER",
    `An answer is not what the API documents: ${v.summarize(result.issues)}. Run this again; if it stays so, the API has changed.`,
  );
}
