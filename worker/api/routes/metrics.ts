import type { Context } from "hono";
import { askDatabase } from "../ask-database.ts";
import { askedBy } from "../asked.ts";
import { controlKeysIn } from "../control-keys.ts";
import type { ApiContext } from "../environment.ts";
import { requireScope } from "../keys.ts";
import { measuredInDatabase, measuredInKv } from "../measured.ts";
import { type Family, PROMETHEUS_TEXT, prometheusText } from "../prometheus.ts";
import type { Asked } from "../recommendations.ts";

/**
 * `GET /metrics`: the roll-ups and what serves, in Prometheus' text.
 *
 * Not what this isolate counted: another scrape would meet another isolate. While the database is
 * away, `usher_database_up` is 0 and what KV says is told all the same.
 */
export async function metrics(c: Context<ApiContext>): Promise<Response> {
  await requireScope(c, "operate");
  const [inDatabase, inKv] = await Promise.all([
    askDatabase("metrics", () => c.env.OPERATIONS.measures()).catch(() => null),
    served(c.env.RELEASES, askedBy(c)),
  ]);
  const text = prometheusText([...inKv, ...measuredInDatabase(inDatabase)]);
  return c.body(text, 200, { "content-type": PROMETHEUS_TEXT, "cache-control": "no-store" });
}

/** Nothing when KV does not answer; the rest when a release cannot be read. */
async function served(kv: KVNamespace, { store, waitUntil }: Asked): Promise<Family[]> {
  const keys = await controlKeysIn(kv).catch(() => null);
  if (keys === null) return [];
  const arms = keys.pointer?.arms ?? [];
  const read = await Promise.allSettled(
    arms.map(async ({ release }) => store.release(release, waitUntil)),
  );
  const releases = read.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  return measuredInKv(keys, releases);
}
