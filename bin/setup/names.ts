import { UsherError } from "../../release/error.ts";

/** The three Workers, in the order in which they can be deployed: each binds only those before it. */
export const WORKERS = ["consumer", "api", "cron"] as const;
export type WorkerName = (typeof WORKERS)[number];

/** What a deployment's parts are called; all of it begins with the deployment's own name. */
export interface ResourceNames {
  readonly deployment: string;
  readonly namespace: string;
  readonly queue: string;
  readonly deadQueue: string;
  /** Shards of lists that are to be made at the edge. */
  readonly listsQueue: string;
  readonly bucket: string;
  readonly database: string;
  readonly workers: Readonly<Record<WorkerName, string>>;
}

/**
 * Names for a deployment: `usher` gives `usher-api`, `usher-events`, … and `usher-pr-12` another set
 * that can stand beside it in the same account.
 *
 * @throws UsherError `SETUP_NAME` when Cloudflare would not take names that begin so.
 */
export function resourceNames(deployment: string): ResourceNames {
  if (!/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(deployment)) {
    throw new UsherError(
      "SETUP_NAME",
      `"${deployment}" cannot name a deployment: 1 to 40 lower-case letters, digits and inner hyphens, first a letter.`,
    );
  }
  return {
    deployment,
    namespace: `${deployment}-releases`,
    queue: `${deployment}-events`,
    deadQueue: `${deployment}-events-dead`,
    listsQueue: `${deployment}-lists`,
    bucket: `${deployment}-snapshots`,
    database: deployment,
    workers: {
      api: `${deployment}-api`,
      consumer: `${deployment}-consumer`,
      cron: `${deployment}-cron`,
    },
  };
}

/** The queues, each with the Worker that consumes it, in the order of their making. */
export function queuesOf(names: ResourceNames) {
  const { deadQueue, queue, listsQueue } = names;
  return [
    { name: deadQueue, what: "dead-letter queue", consumer: "consumer" },
    { name: queue, what: "queue of events", consumer: "consumer" },
    { name: listsQueue, what: "queue of lists", consumer: "cron" },
  ] as const;
}
