import type { Context } from "hono";
import * as v from "valibot";
import { experimentSchema } from "../../../experiments/definition.ts";
import { releasesTried, withArm, withExperiments } from "../../../experiments/pointer-change.ts";
import { experimentTag, releaseTag } from "../../../release/cache-tag.ts";
import { manifestKey } from "../../../release/keys.ts";
import { type Pointer, servingReleases } from "../../../release/pointer.ts";
import type { Verdict } from "../../consumer/operations.ts";
import { askDatabase } from "../ask-database.ts";
import { readJson } from "../body.ts";
import { controlKeysIn, writePointer } from "../control-keys.ts";
import type { ApiContext } from "../environment.ts";
import { requireScope } from "../keys.ts";
import { idParameter } from "../parameters.ts";
import { Problem } from "../problem.ts";
import { purgeTags } from "../purge.ts";
import { checked } from "../wish.ts";

const MOST_EXPERIMENTS = 100;
const MOST_BYTES = 10_000;
const NOT_KEPT = { "cache-control": "no-store" };
const UNKNOWN = "EXPERIMENT_UNKNOWN";

const shipSchema = v.strictObject({
  /** The name of the arm that everybody is to get. */
  arm: v.string("it takes the name of an arm"),
});

/** `GET /v1/experiments`: the newest experiments, newest first. */
export async function experiments(c: Context<ApiContext>) {
  await requireScope(c, "operate");
  const listed = await askDatabase("experiments", () =>
    c.env.OPERATIONS.experiments(MOST_EXPERIMENTS),
  );
  return c.json({ experiments: listed }, 200, NOT_KEPT);
}

/** `POST /v1/experiments`: notes what is to be compared, and tells what it will take. */
export async function defineExperiment(c: Context<ApiContext>) {
  await requireScope(c, "operate");
  const experiment = checked(experimentSchema, await readJson(c.req.raw, MOST_BYTES));
  const defined = await judged(() => c.env.OPERATIONS.defineExperiment(experiment));
  return c.json(defined, 201, NOT_KEPT);
}

/** `GET /v1/experiments/:id`. */
export async function experiment(c: Context<ApiContext, "/v1/experiments/:id">) {
  await requireScope(c, "operate");
  return c.json(await found(c), 200, NOT_KEPT);
}

/** `POST /v1/experiments/:id/start`: from the next answers on, its users see their arms. */
export async function startExperiment(c: Context<ApiContext, "/v1/experiments/:id/start">) {
  await requireScope(c, "operate");
  const { id, arms } = await found(c);
  const pointer = await servingPointer(c);
  await refuseMissing(
    c,
    arms.map(({ release }) => release),
  );
  const verified = [...servingReleases(pointer), ...releasesTried(pointer)];
  const running = await judged(() => c.env.OPERATIONS.startExperiment(id, verified));
  const tags = pointer.arms.map(({ release }) => releaseTag(release, c.env.TENANT?.name));
  const purged = await change(c, withExperiments(pointer, running), tags);
  return c.json({ ...(await found(c)), purged }, 200, NOT_KEPT);
}

/** `POST /v1/experiments/:id/stop`: everybody is served by the pointer again. */
export async function stopExperiment(c: Context<ApiContext, "/v1/experiments/:id/stop">) {
  await requireScope(c, "operate");
  const { id } = await found(c);
  const pointer = await servingPointer(c);
  const { running } = await judged(() => c.env.OPERATIONS.endExperiment(id, null));
  const purged = await change(c, withExperiments(pointer, running), [
    experimentTag(id, c.env.TENANT?.name),
  ]);
  return c.json({ ...(await found(c)), purged }, 200, NOT_KEPT);
}

/** `POST /v1/experiments/:id/ship`: the experiment ends, and one of its arms serves everybody. */
export async function shipExperiment(c: Context<ApiContext, "/v1/experiments/:id/ship">) {
  await requireScope(c, "operate");
  const { id, arms } = await found(c);
  const { arm: name } = checked(shipSchema, await readJson(c.req.raw, MOST_BYTES));
  const pointer = await servingPointer(c);
  await refuseMissing(c, [arms.find((arm) => arm.name === name)?.release ?? null]);
  const { running, arm } = await judged(() => c.env.OPERATIONS.endExperiment(id, name));
  const after = withArm(withExperiments(pointer, running), arm!, new Date());
  const tags = pointer.arms.map(({ release }) => releaseTag(release, c.env.TENANT?.name));
  const purged = await change(c, after, [experimentTag(id, c.env.TENANT?.name), ...tags]);
  if (arm!.release !== null) {
    const served = arm!.release;
    await askDatabase("served", () => c.env.OPERATIONS.served(served)).catch(() => {});
  }
  return c.json({ ...(await found(c)), purged }, 200, NOT_KEPT);
}

function found(c: Context<ApiContext, "/v1/experiments/:id">) {
  const id = idParameter("id", c.req.param("id"));
  return judged(() => c.env.OPERATIONS.experiment(id));
}

/** What the database refuses is for whoever asked for it. */
export async function judged<T>(ask: () => Promise<Verdict<T>>): Promise<T> {
  const verdict = await askDatabase("experiments", ask);
  if (verdict.ok) return verdict.value;
  throw new Problem(verdict.code === UNKNOWN ? 404 : 409, verdict.code, verdict.message);
}

async function servingPointer(c: Context<ApiContext>): Promise<Pointer> {
  const { pointer } = await controlKeysIn(c.env.RELEASES);
  if (pointer !== null) return pointer;
  throw new Problem(
    409,
    "NO_RELEASE",
    'Nothing serves yet, so there is nothing to compare. Run "usher cycle".',
  );
}

async function refuseMissing(
  c: Context<ApiContext>,
  releases: readonly (string | null)[],
): Promise<void> {
  for (const release of releases) {
    if (release === null || (await c.env.RELEASES.get(manifestKey(release))) !== null) continue;
    const message = `KV has no release ${release}. "GET /v1/releases" names those that were made; retention removes old ones.`;
    throw new Problem(409, "UNKNOWN_RELEASE", message);
  }
}

/** The pointer is written even when it says so already: an earlier write may have failed. */
async function change(
  c: Context<ApiContext>,
  pointer: Pointer,
  tags: readonly string[],
): Promise<string> {
  await writePointer(c.env.RELEASES, pointer);
  return purgeTags(c.executionCtx, tags);
}
