import { setTimeout as sleep } from "node:timers/promises";
import { recordRelease } from "../drizzle/releases.ts";
import { UsherError } from "../release/error.ts";
import { manifestKey, releasePrefix, shardKey, UNLISTED_KEY } from "../release/keys.ts";
import type { ListsOrder } from "../release/lists-order.ts";
import { type Manifest, parseManifest } from "../release/manifest.ts";
import { inBatches, plannedValues } from "../sync/push/plan.ts";
import { requireReleaseWithin } from "../sync/push/push.ts";
import type { SavedJob } from "../trainer/lists-job.ts";
import { unlistedManifest } from "../trainer/unlisted-manifest.ts";
import type { Progress } from "./progress.ts";
import { count } from "./quantities.ts";
import type { Surroundings } from "./surroundings.ts";

const POLL_MS = 2_000;
/** Ten minutes for shards that have to be asked for twice, and as long again. */
const WAIT_MS = 60 * 60_000;
const MINUTE_TRIGGER = "* * * * *";

/**
 * Puts an unlisted release into KV, and has its lists made there: the cron Worker asks for them,
 * shard by shard, and writes the manifest when all are there. Stopped at any time, it goes on without
 * this process, and doing it again sends only what KV lacks.
 *
 * @returns the manifest, once it is whole in KV.
 * @throws UsherError `LISTS_TIMEOUT`, `DIVERSITY_AT_EDGE` for a plan that re-ranks,
 *   `QUOTA_ITEMS`.
 */
export async function orderLists(
  around: Pick<Surroundings, "kv" | "database" | "runCron" | "quotas">,
  job: SavedJob,
  progress: Progress,
): Promise<Manifest> {
  if (job.plan.diversity !== undefined) throw diversityUnknown();
  const draft = unlistedManifest(job);
  const { release } = draft;
  requireReleaseWithin(draft, around.quotas.items);
  if ((await around.kv.read(manifestKey(release))) === null) {
    await sendValues(around, job, draft, progress);
    await placeOrder(around, draft);
  }
  const manifest = await wholeManifest(around, draft, progress);
  const { hash } = manifest.dataset;
  await recordRelease(around.database, { release, datasetHash: hash, status: "built", manifest });
  return manifest;
}

async function sendValues(
  { kv }: Pick<Surroundings, "kv">,
  { values }: SavedJob,
  draft: Manifest,
  progress: Progress,
): Promise<void> {
  const prefix = releasePrefix(draft.release);
  const there = new Map<string, string | null>();
  for await (const { key, sha256 } of kv.list(prefix)) there.set(key, sha256);
  const bytesOf = new Map(values.map(({ key, value }) => [prefix + key, new Uint8Array(value)]));
  const missing = plannedValues(draft).filter(({ key, sha256 }) => there.get(key) !== sha256);
  let sent = 0;
  for (const batch of inBatches(missing)) {
    await kv.write(batch.map(({ key, sha256 }) => ({ key, bytes: bytesOf.get(key)!, sha256 })));
    sent += batch.length;
    progress.update(`${count(sent)} of ${count(missing.length)} keys`, sent / missing.length);
  }
  progress.done(`${count(values.length)} values of ${draft.release} are in KV, without lists`);
}

async function placeOrder({ kv }: Pick<Surroundings, "kv">, manifest: Manifest): Promise<void> {
  const order: ListsOrder = { manifest, orderedAt: new Date().toISOString(), askedAt: null };
  await kv.write([{ key: UNLISTED_KEY, bytes: new TextEncoder().encode(JSON.stringify(order)) }]);
}

async function wholeManifest(
  { kv, runCron }: Pick<Surroundings, "kv" | "runCron">,
  { release, lists }: Manifest,
  progress: Progress,
): Promise<Manifest> {
  progress.step(`Lists at the edge: ${count(lists.shardCount)} shards`);
  const started = Date.now();
  for (;;) {
    if (runCron !== null) await runCron(MINUTE_TRIGGER);
    const bytes = await kv.read(manifestKey(release));
    if (bytes !== null) return parseManifest(new TextDecoder().decode(bytes));
    if (Date.now() - started > WAIT_MS) throw timedOut(release);
    let made = 0;
    for await (const _ of kv.list(shardKey(release, 0).slice(0, -1))) made++;
    progress.update(`${count(made)} of ${count(lists.shardCount)} shards`, made / lists.shardCount);
    await sleep(POLL_MS);
  }
}

function diversityUnknown(): UsherError {
  return new UsherError(
    "DIVERSITY_AT_EDGE",
    'Lists that are re-ranked for diversity are not made at the edge: use "usher lists" for them, or train without.',
  );
}

function timedOut(release: string): UsherError {
  return new UsherError(
    "LISTS_TIMEOUT",
    `The lists of ${release} are not whole after an hour. "wrangler tail usher-cron" shows what fails; run the command again to go on waiting.`,
  );
}
