import type { Context } from "hono";
import * as v from "valibot";
import { planActivation } from "../../../release/activation.ts";
import { UsherError } from "../../../release/error.ts";
import { READ_FORMATS, unreadable } from "../../../release/formats.ts";
import { manifestKey } from "../../../release/keys.ts";
import { parseManifest } from "../../../release/manifest.ts";
import { armShares, type Pointer } from "../../../release/pointer.ts";
import { rolledBack } from "../../../release/pointer-change.ts";
import { askDatabase } from "../ask-database.ts";
import { readJson } from "../body.ts";
import { controlKeysIn, writePointer, writeStaged } from "../control-keys.ts";
import type { ApiContext } from "../environment.ts";
import { requireScope } from "../keys.ts";
import { idParameter } from "../parameters.ts";
import { Problem } from "../problem.ts";
import { purgeReleases } from "../purge.ts";
import { checked } from "../wish.ts";

const MOST_RELEASES = 50;
const MOST_BYTES = 1_000;
const NOTHING_CACHED = "nothing was served before";
const NOT_KEPT = { "cache-control": "no-store" };

const activationSchema = v.strictObject({
  /** Of the users that it is to serve. */
  share: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 1),
});

/** `GET /v1/releases`: what serves, what waits, what can be gone back to, and how good each is. */
export async function releases(c: Context<ApiContext>) {
  await requireScope(c, "operate");
  const [{ pointer, staged, refused }, listed] = await Promise.all([
    controlKeysIn(c.env.RELEASES),
    askDatabase("releases", () => c.env.OPERATIONS.releases(MOST_RELEASES)),
  ]);
  return c.json({ ...serving(pointer), staged, refused, releases: listed }, 200, NOT_KEPT);
}

/** `GET /v1/releases/:release`: where the answers of a release come from, by its manifest. */
export async function releaseOrigin(c: Context<ApiContext, "/v1/releases/:release">) {
  await requireScope(c, "operate");
  const release = idParameter("release", c.req.param("release"));
  const text = await c.env.RELEASES.get(manifestKey(release));
  if (text === null) throw unknownRelease(release);
  const { createdAt, code, dataset, model, metrics, baseline, gate, lists } = parseManifest(text);
  const { sketch: _, ...learnedFrom } = dataset;
  const origin = { release, createdAt, code, dataset: learnedFrom, model, metrics };
  return c.json({ ...origin, baseline, gate, lists }, 200, NOT_KEPT);
}

/**
 * `POST /v1/releases/:release/activate`: at once for a release that was verified before (200); any
 * other waits for the cron Worker to verify it (202).
 */
export async function activateRelease(c: Context<ApiContext, "/v1/releases/:release/activate">) {
  await requireScope(c, "operate");
  const release = idParameter("release", c.req.param("release"));
  const { share } = checked(activationSchema, await readJson(c.req.raw, MOST_BYTES));
  const kv = c.env.RELEASES;
  await requireReadable(kv, release);
  const { pointer } = await controlKeysIn(kv);
  const now = new Date();
  const plan = refusing(() => planActivation(pointer, release, share, now));
  if (plan.kind === "stage") {
    await writeStaged(kv, { release, stagedAt: now.toISOString(), verified: 0, share });
    return c.json({ state: "staged", release, ...serving(pointer) }, 202, NOT_KEPT);
  }
  const purged = plan.kind === "pointer" ? await change(c, pointer, plan.pointer) : null;
  const after = plan.kind === "pointer" ? plan.pointer : pointer;
  return c.json({ state: "serving", release, ...serving(after), purged }, 200, NOT_KEPT);
}

/** `POST /v1/releases/rollback`: the release before serves everybody again, by one write. */
export async function rollBack(c: Context<ApiContext>) {
  await requireScope(c, "operate");
  const { pointer } = await controlKeysIn(c.env.RELEASES);
  if (pointer === null) throw new Problem(409, "NOTHING_BEFORE", "Nothing serves yet.");
  const after = refusing(() => rolledBack(pointer, new Date()));
  const release = after.arms[0]!.release;
  await requireReadable(c.env.RELEASES, release);
  const purged = await change(c, pointer, after);
  return c.json({ state: "serving", release, ...serving(after), purged }, 200, NOT_KEPT);
}

/**
 * The pointer decides; neither a purge that fails nor a database that learns of it later undoes it.
 *
 * @returns what became of the cached answers of what served before.
 */
async function change(
  c: Context<ApiContext>,
  before: Pointer | null,
  after: Pointer,
): Promise<string> {
  await writePointer(c.env.RELEASES, after);
  const ended = before?.arms.map(({ release }) => release) ?? [];
  const purged = ended.length === 0 ? NOTHING_CACHED : await purgeReleases(c.executionCtx, ended);
  const [only, ...others] = after.arms;
  if (only === undefined || others.length > 0) return purged;
  const noted = askDatabase("served", () => c.env.OPERATIONS.served(only.release));
  await noted.catch(() => {});
  return purged;
}

/** A release that serves must be there, and be one that this Worker can read. */
async function requireReadable(kv: KVNamespace, release: string): Promise<void> {
  const text = await kv.get(manifestKey(release));
  if (text === null) throw unknownRelease(release);
  const foreign = refusing(() => unreadable(parseManifest(text), READ_FORMATS));
  if (foreign === null) return;
  const message = `This Worker cannot read ${foreign} of ${release}. Deploy a version that can, then ask again.`;
  throw new Problem(409, "FORMAT_UNREADABLE", message);
}

function serving(pointer: Pointer | null) {
  if (pointer === null) return { serving: [], previous: null, changedAt: null };
  const { previous, changedAt } = pointer;
  return { serving: armShares(pointer), previous, changedAt };
}

/** What a change of the pointer refuses is for whoever asked for it. */
function refusing<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (error instanceof UsherError) throw new Problem(409, error.code, error.message);
    throw error;
  }
}

function unknownRelease(release: string): Problem {
  const message = `KV has no release ${release}. "GET /v1/releases" names those that were made; retention removes old ones.`;
  return new Problem(404, "UNKNOWN_RELEASE", message);
}
