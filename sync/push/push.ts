import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import pMap from "p-map";
import { UsherError } from "../../release/error.ts";
import { manifestKey, STAGED_KEY } from "../../release/keys.ts";
import { type Manifest, parseManifest } from "../../release/manifest.ts";
import type { Staged } from "../../release/pointer.ts";
import type { KvStore } from "../kv/store.ts";
import { type PlannedValue, type PushPlan, planPush } from "./plan.ts";

/** How far a push is, in values and bytes of this run. */
export interface PushProgress {
  readonly sentValues: number;
  readonly sentBytes: number;
  readonly plan: PushPlan;
}

export interface PushOptions {
  readonly onProgress?: (progress: PushProgress) => void;
}

/** Bulk writes under way at once; more would only meet the account's rate limit sooner. */
const PARALLEL_BATCHES = 4;

/** Reads a release directory's manifest and tells what a push of it would write. */
export async function planRelease(store: KvStore, releaseDir: string): Promise<PushPlan> {
  const { manifest } = await readManifest(releaseDir);
  return planPush(manifest, await presentValues(store, manifest.release));
}

/**
 * Writes a release into KV, whole or not at all: values, then the manifest.
 *
 * Nothing of it is served until the pointer names it. Run again after a crash, it sends only what
 * KV's listing shows to be missing or different.
 *
 * @throws UsherError `RELEASE_DAMAGED` when a file no longer matches its manifest,
 *   `PUSH_INCOMPLETE` when KV does not list every value afterwards.
 */
export async function pushRelease(
  store: KvStore,
  releaseDir: string,
  options: PushOptions = {},
): Promise<Manifest> {
  const { manifest, bytes } = await readManifest(releaseDir);
  const plan = planPush(manifest, await presentValues(store, manifest.release));
  let sentValues = 0;
  let sentBytes = 0;
  await pMap(
    plan.batches,
    async (batch) => {
      await store.write(await Promise.all(batch.map((value) => loadValue(releaseDir, value))));
      sentValues += batch.length;
      sentBytes += batch.reduce((sum, value) => sum + value.bytes, 0);
      options.onProgress?.({ sentValues, sentBytes, plan });
    },
    { concurrency: PARALLEL_BATCHES },
  );
  await requireWhole(store, manifest);
  await store.write([{ key: manifestKey(manifest.release), bytes, sha256: sha256(bytes) }]);
  return manifest;
}

/**
 * Hands a pushed release to the cron Worker, which reads every value back inside KV, compares the
 * checksums, and only then flips the pointer.
 */
export async function stageRelease(store: KvStore, release: string, now: Date): Promise<void> {
  const staged: Staged = { release, stagedAt: now.toISOString(), verified: 0 };
  const bytes = new TextEncoder().encode(JSON.stringify(staged));
  await store.write([{ key: STAGED_KEY, bytes }]);
}

async function readManifest(releaseDir: string): Promise<{ manifest: Manifest; bytes: Buffer }> {
  const file = path.join(releaseDir, "manifest.json");
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) {
    throw new UsherError(
      "RELEASE_MISSING",
      `${releaseDir} is no release: it has no manifest.json. "usher train" writes one.`,
    );
  }
  return { manifest: parseManifest(bytes.toString("utf8")), bytes };
}

async function presentValues(store: KvStore, release: string): Promise<Map<string, string | null>> {
  const present = new Map<string, string | null>();
  const prefix = manifestKey(release).replace(/manifest$/, "");
  for await (const entry of store.list(prefix)) present.set(entry.key, entry.sha256);
  return present;
}

async function loadValue(releaseDir: string, value: PlannedValue) {
  const relative = value.key.split("/").slice(2).join("/");
  const bytes = await readFile(path.join(releaseDir, "values", relative));
  if (sha256(bytes) !== value.sha256) {
    throw new UsherError(
      "RELEASE_DAMAGED",
      `${path.join(releaseDir, "values", relative)} does not match its checksum in the manifest. Train the release again; nothing of it is served.`,
    );
  }
  return { key: value.key, bytes, sha256: value.sha256 };
}

async function requireWhole(store: KvStore, manifest: Manifest): Promise<void> {
  const plan = planPush(manifest, await presentValues(store, manifest.release));
  const missing = plan.batches.flat();
  if (missing.length === 0) return;
  throw new UsherError(
    "PUSH_INCOMPLETE",
    `Workers KV does not list ${missing.length} of ${manifest.values.length} values of ${manifest.release} (first: ${missing[0]!.key}). Push again: only these are sent. The release before it still serves.`,
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
