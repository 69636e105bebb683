import { UsherError } from "../../release/error.ts";
import type { Progress } from "../progress.ts";
import type { CloudflareAccount, VersionShare } from "../setup/cloudflare.ts";
import { judge, type RolloutLimits, type VersionTraffic } from "./judge.ts";

/** How a new version is let in. */
export interface RolloutPlan extends RolloutLimits {
  readonly script: string;
  /** The version was, or will be, uploaded under this tag. */
  readonly tag: string;
  /** Shares of the traffic, in percent, ascending; the last is 100. */
  readonly steps: readonly number[];
  /** Time for which each share is watched, in ms. */
  readonly holdMs: number;
  /** Time between two looks, in ms. */
  readonly lookMs: number;
}

/** What a rollout needs of the world. */
export interface RolloutWorld {
  readonly cloudflare: CloudflareAccount;
  readonly progress: Progress;
  /** Uploads the code as a version that gets no traffic. */
  upload(tag: string): Promise<void>;
  traffic(since: Date): Promise<ReadonlyMap<string, VersionTraffic>>;
  /** What is wrong with a version that has a share already, or null. */
  probe(version: string): Promise<string | null>;
  sleep(ms: number): Promise<void>;
  now(): Date;
}

const NONE: VersionTraffic = { requests: 0, errors: 0 };
/** Before a rollout: what the old version fails there stands for it where it gets no traffic, in ms. */
const BEFORE_MS = 3_600_000;

/**
 * Lets a new version of a Worker in share by share, and takes it back by one deployment as soon as it
 * fails more requests than the old one, or a probe.
 *
 * A rollout that was killed is taken up at the share that it had reached: the version is found by its
 * tag, and what serves by the account's own record.
 *
 * @returns the version that serves everybody.
 * @throws UsherError `ROLLED_BACK`, `NOTHING_DEPLOYED`.
 */
export async function rollOut(plan: RolloutPlan, world: RolloutWorld): Promise<string> {
  const { cloudflare, progress } = world;
  const version = await versionToLetIn(plan, world);
  const serving = await servingNow(cloudflare, plan.script);
  const reached = serving.find((share) => share.version === version)?.percentage ?? 0;
  const old = serving.find((share) => share.version !== version)?.version;
  if (old === undefined) {
    progress.done(`version ${version} serves everybody already`);
    return version;
  }
  const compared = oldAndNew(world, old, version);
  for (const percentage of plan.steps.filter((step) => step >= reached)) {
    progress.step(`${plan.script}: ${percentage} % to version ${version} (tag ${plan.tag})`);
    await cloudflare.deploy(
      plan.script,
      shares(version, old, percentage),
      `rollout ${plan.tag}: ${percentage} %`,
    );
    const wrong = await watch(plan, world, version, compared, percentage);
    if (wrong !== null) throw await rolledBack(plan, world, old, wrong);
  }
  progress.done(`version ${version} serves everybody`);
  return version;
}

async function versionToLetIn(plan: RolloutPlan, world: RolloutWorld): Promise<string> {
  const { cloudflare, progress } = world;
  const before = await cloudflare.versionTagged(plan.script, plan.tag);
  if (before !== null) {
    progress.done(`tag ${plan.tag} was uploaded before`);
    return before;
  }
  await world.upload(plan.tag);
  const version = await cloudflare.versionTagged(plan.script, plan.tag);
  if (version !== null) return version;
  throw new UsherError(
    "VERSION_MISSING",
    `${plan.script} has no version with tag ${plan.tag} after its upload. Run this again.`,
  );
}

async function servingNow(cloudflare: CloudflareAccount, script: string): Promise<VersionShare[]> {
  const serving = await cloudflare.serving(script);
  if (serving !== null && serving.length > 0) return serving;
  throw new UsherError(
    "NOTHING_DEPLOYED",
    `${script} has never been deployed: there is nothing to let a version in beside. Run "usher setup".`,
  );
}

function shares(version: string, old: string, percentage: number): VersionShare[] {
  if (percentage === 100) return [{ version, percentage }];
  return [
    { version: old, percentage: 100 - percentage },
    { version, percentage },
  ];
}

type Compared = (since: Date) => Promise<Record<"old" | "next", VersionTraffic>>;

/** Both versions' traffic since a moment; at 100 % the old one's is of the time up to then. */
function oldAndNew(world: RolloutWorld, old: string, version: string): Compared {
  const before = new Date(world.now().getTime() - BEFORE_MS);
  return async (since) => {
    const traffic = await world.traffic(since);
    const beside = traffic.get(old) ?? NONE;
    return {
      next: traffic.get(version) ?? NONE,
      old: beside.requests > 0 ? beside : ((await world.traffic(before)).get(old) ?? NONE),
    };
  };
}

/** Looks at the new version again and again for the time of a step; null when nothing is wrong. */
async function watch(
  plan: RolloutPlan,
  { progress, ...world }: RolloutWorld,
  version: string,
  compared: Compared,
  percentage: number,
): Promise<string | null> {
  const since = world.now();
  let says = "";
  for (;;) {
    const wrong = await world.probe(version);
    if (wrong !== null) return wrong;
    const { next, old } = await compared(since);
    const verdict = judge(next, old, plan);
    if (verdict.kind === "worse") return verdict.says;
    says =
      verdict.kind === "few"
        ? `${verdict.says}: too few to tell, the probes went well`
        : verdict.says;
    progress.update(says, null);
    if (world.now().getTime() - since.getTime() >= plan.holdMs) break;
    await world.sleep(plan.lookMs);
  }
  progress.done(`${percentage} %: ${says}`);
  return null;
}

async function rolledBack(
  plan: RolloutPlan,
  { cloudflare }: RolloutWorld,
  old: string,
  wrong: string,
): Promise<UsherError> {
  await cloudflare.deploy(
    plan.script,
    [{ version: old, percentage: 100 }],
    `rollback of ${plan.tag}`,
  );
  return new UsherError(
    "ROLLED_BACK",
    `${plan.script}: ${plan.tag} was taken back, version ${old} serves everybody again. ${wrong}. See "wrangler tail ${plan.script}", mend it, and roll out under a new tag.`,
  );
}
