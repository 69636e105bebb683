/** From a job to a release directory, or to one part of it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { UsherError } from "../release/error.ts";
import type { ValueRecord } from "../release/manifest.ts";
import { ShardView } from "../release/shard.ts";
import { type ListsOptions, type ListsReport, type ListsShare, writeLists } from "./lists.ts";
import { jobKey, type ListsJob } from "./lists-job.ts";
import { cardOf, type PartFile, partName } from "./merge.ts";
import { ReleaseDraft, recallValue, type WrittenRelease, writeValue } from "./release.ts";
import { writeWhole } from "./write-whole.ts";

/**
 * Makes all lists of a job and finishes the release.
 *
 * A run that is killed or aborted leaves its draft, and the next run with an equal job goes on after
 * the last shard that was written. After any other failure nothing stays behind.
 */
export async function releaseJob(
  job: ListsJob & { key?: string },
  directory: string,
  options: Omit<ListsOptions, "share"> = {},
): Promise<WrittenRelease> {
  const draft = await ReleaseDraft.open(directory, job.key ?? jobKey(job), job.createdAt);
  try {
    for (const { key, value } of job.values) await draft.put(key, value);
    const { users } = await writeLists(
      job,
      {
        kept: (shard) => draft.recall(`l/${shard}`, listedUsers),
        write: (shard, value) => draft.put(`l/${shard}`, value),
      },
      options,
    );
    options.onProgress?.({ step: "release", message: "writing the manifest and the model card" });
    return await draft.finish({ ...job.facts, lists: { ...job.plan, users } }, cardOf(job));
  } catch (error) {
    if (options.signal?.aborted !== true) await draft.abandon();
    throw error;
  }
}

export interface WrittenPart extends ListsReport {
  path: string;
}

/**
 * Makes one share of a saved job's lists, in `<directory>/part-<i>-of-<n>-<key>`. A run that was
 * killed is taken up; the first part carries catalogue and model, so that parts are all `mergeParts`
 * needs.
 *
 * Throws `SHARE_INVALID` when there are fewer shards than parts.
 */
export async function writePart(
  job: ListsJob & { key: string },
  directory: string,
  options: ListsOptions & { share: ListsShare },
): Promise<WrittenPart> {
  const { share } = options;
  requireShare(share, job.plan.shardCount);
  const path = join(directory, partName(share, job.key));
  await mkdir(join(path, "values"), { recursive: true });
  const values: ValueRecord[] = [];
  if (share.part === 1) {
    for (const { key, value } of job.values) values.push(await writeValue(path, key, value));
  }
  const report = await writeLists(
    job,
    {
      async kept(shard) {
        const found = await recallValue(path, `l/${shard}`, listedUsers);
        if (found !== null) values.push(found.record);
        return found?.checked ?? null;
      },
      async write(shard, value) {
        values.push(await writeValue(path, `l/${shard}`, value));
      },
    },
    options,
  );
  const file: PartFile = {
    format: 1,
    key: job.key,
    share,
    createdAt: job.createdAt.toISOString(),
    facts: job.facts,
    card: job.card,
    plan: job.plan,
    users: report.users,
    values,
  };
  await writeWhole(join(path, "part.json"), JSON.stringify(file));
  return { ...report, path };
}

function requireShare({ part, of }: ListsShare, shardCount: number): void {
  const whole = Number.isInteger(part) && Number.isInteger(of);
  if (whole && part >= 1 && part <= of && of <= shardCount) return;
  throw new UsherError(
    "SHARE_INVALID",
    `There is no part ${part} of ${of}: parts count from 1, and these lists have ${shardCount} ` +
      "shards to share.",
  );
}

/** Users in a shard; throws when its checksum does not match. */
function listedUsers(value: ArrayBuffer): number {
  return ShardView.from(value).users;
}
