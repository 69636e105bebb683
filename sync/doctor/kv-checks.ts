import { CatalogueView } from "../../release/catalogue.ts";
import { withEveryValue } from "../../release/checksums.ts";
import type { ControlKeys } from "../../release/control-keys.ts";
import { catalogueKey, manifestKey, releasePrefix } from "../../release/keys.ts";
import { type Manifest, parseManifest } from "../../release/manifest.ts";
import { ShardView } from "../../release/shard.ts";
import { controlKeysIn } from "../kv/control-keys.ts";
import type { KvStore } from "../kv/store.ts";
import { plannedValues } from "../push/plan.ts";
import { type Check, checked, failure, good, warning } from "./check.ts";

/** A staged release that waits longer than this has no cron Worker to look at it. */
const STAGED_TOO_LONG_MS = 15 * 60_000;
const TRENDING_TOO_OLD_MS = 3 * 86_400_000;
const PUSH_AGAIN = 'Run "usher push" with its release directory: only what is missing is sent.';

/** Workers KV: can it be reached, what do the mutable keys say, is what serves whole? */
export async function checkKv(store: KvStore, now: Date): Promise<Check[]> {
  const advice = "Check the network, CLOUDFLARE_API_TOKEN and USHER_KV_NAMESPACE_ID.";
  return checked("kv", advice, async () => {
    const keys = await controlKeysIn(store);
    const releases = keys.pointer?.arms.map((arm) => arm.release) ?? [];
    const { previous } = keys.pointer ?? { previous: null };
    const behind = previous === null || releases.includes(previous) ? [] : [previous];
    const served = await Promise.all(releases.map((id) => checkRelease(store, id, "serving")));
    const kept = await Promise.all(behind.map((id) => checkRelease(store, id, "rollback")));
    return [...checkKeys(keys, now), ...served.flat(), ...kept.flat()];
  });
}

function checkKeys({ pointer, staged, refused, trending }: ControlKeys, now: Date): Check[] {
  const checks: Check[] = [];
  if (pointer === null) {
    checks.push(failure("pointer", "No release has been activated.", 'Run "usher cycle".'));
  } else {
    const arms = pointer.arms.map((arm) => arm.release).join(", ");
    checks.push(good("pointer", `${arms} since ${pointer.changedAt}`));
  }
  if (staged !== null && now.getTime() - Date.parse(staged.stagedAt) > STAGED_TOO_LONG_MS) {
    checks.push(
      failure(
        "staged",
        `${staged.release} waits since ${staged.stagedAt}, ${staged.verified} values verified.`,
        'The cron Worker does not run: deploy it, and see "wrangler tail usher-cron".',
      ),
    );
  }
  if (refused !== null) {
    const says = `${refused.release} was refused at ${refused.refusedAt}: ${refused.reason}.`;
    checks.push(warning("refused", says, PUSH_AGAIN));
  }
  if (trending === null) {
    checks.push(
      warning(
        "trending",
        "Nothing is trending.",
        "The cron Worker writes it every five minutes once there are events.",
      ),
    );
  } else if (now.getTime() - Date.parse(trending.computedAt) > TRENDING_TOO_OLD_MS) {
    checks.push(
      warning(
        "trending",
        `It has not changed since ${trending.computedAt}.`,
        "Do events arrive? Does the cron Worker run?",
      ),
    );
  } else checks.push(good("trending", `${trending.items.length} items, ${trending.computedAt}`));
  return checks;
}

/** Every value is listed with its checksum, and catalogue and first shard can be read. */
async function checkRelease(store: KvStore, release: string, role: string): Promise<Check[]> {
  const name = `release ${release}`;
  const advice =
    role === "serving" ? `Run "usher rollback", or push it again. ${PUSH_AGAIN}` : PUSH_AGAIN;
  return checked(name, advice, async () => {
    const bytes = await store.read(manifestKey(release));
    if (bytes === null) return [failure(name, "It has no manifest in KV.", advice)];
    const manifest = await withEveryValue(parseManifest(new TextDecoder().decode(bytes)), (key) =>
      store.read(releasePrefix(release) + key),
    );
    const wrong = await valuesNotListed(store, manifest);
    if (wrong.length > 0) {
      const says = `${wrong.length} of ${manifest.values.length} values are missing or another's (first: ${wrong[0]}).`;
      return [failure(name, says, advice)];
    }
    const catalogue = CatalogueView.from(await required(store, catalogueKey(release)));
    const shard = ShardView.from(await required(store, `${releasePrefix(release)}l/0`));
    const says = `${role}: ${manifest.values.length} values whole; ${catalogue.length} items; the first of ${manifest.lists.shardCount} shards has ${shard.users} users`;
    return [good(name, says)];
  });
}

async function valuesNotListed(store: KvStore, manifest: Manifest): Promise<string[]> {
  const present = new Map<string, string | null>();
  for await (const { key, sha256 } of store.list(releasePrefix(manifest.release))) {
    present.set(key, sha256);
  }
  const values = plannedValues(manifest);
  return values.filter(({ key, sha256 }) => present.get(key) !== sha256).map(({ key }) => key);
}

async function required(store: KvStore, key: string): Promise<ArrayBuffer> {
  const bytes = await store.read(key);
  if (bytes === null) throw new Error(`${key} is listed but cannot be read.`);
  return bytes;
}
