import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import pMap from "p-map";
import pRetry from "p-retry";
import { withEveryValue } from "../../release/checksums.ts";
import { UsherError } from "../../release/error.ts";
import { REFUSED_KEY, releasePrefix, STAGED_KEY } from "../../release/keys.ts";
import { type Manifest, parseManifest } from "../../release/manifest.ts";
import { parseRefused, type Staged } from "../../release/pointer.ts";
import type { KvStore, KvValue } from "../kv/store.ts";
import { type Found, type PlannedValue, type PushPlan, planPush, readBackSample } from "./plan.ts";

/** How far a push is, in values and bytes of this run. */
export interface PushProgress {
  readonly sentValues: number;
  readonly sentBytes: number;
  readonly plan: PushPlan;
}

export interface PushOptions {
  readonly onProgress?: (progress: PushProgress) => void;
  /**
   * How long written values may take to show up in KV's listing and reads, in milliseconds: 90,000
   * by default, because KV promises a minute or so.
   */
  readonly patienceMs?: number;
  /** Items that the catalogue's quota lets a release have; any number by default. */
  readonly mostItems?: number | undefined;
}

/** A release directory as it is read: its manifest with every value, and its bytes. */
interface Source {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly bytes: Buffer;
}

/** Bulk writes under way at once; more would only meet the account's rate limit sooner. */
const PARALLEL_BATCHES = 4;
const PARALLEL_READS = 4;
/** Of files at once: a batch of small values has up to 10,000, more than a process may open. */
const PARALLEL_FILES = 32;

/**
 * Tells what a push of a release directory would write.
 *
 * @throws UsherError `QUOTA_ITEMS` for what the push would refuse.
 */
export async function planRelease(
  store: KvStore,
  releaseDir: string,
  { mostItems }: Pick<PushOptions, "mostItems"> = {},
): Promise<PushPlan> {
  const source = await readSource(releaseDir);
  requireReleaseWithin(source.manifest, mostItems);
  return planOf(source, await find(store, source.manifest.release));
}

/**
 * Writes a release into KV, whole or not at all: values, then, when all of them are there, the
 * manifest.
 *
 * Nothing of it is served until the pointer names it. Run again after a crash, it sends only what
 * KV's listing shows to be missing or different, and what the cron Worker found to be wrong.
 *
 * @throws UsherError `QUOTA_ITEMS` before anything is written, `RELEASE_DAMAGED` when a file no longer
 *   matches its manifest, `PUSH_INCOMPLETE` when KV does not give back what was written.
 */
export async function pushRelease(
  store: KvStore,
  releaseDir: string,
  options: PushOptions = {},
): Promise<Manifest> {
  const source = await readSource(releaseDir);
  const { manifest } = source;
  requireReleaseWithin(manifest, options.mostItems);
  const plan = planOf(source, await find(store, manifest.release));
  let sentValues = 0;
  let sentBytes = 0;
  const write = async (values: readonly KvValue[]) => {
    await store.write(values);
    sentValues += values.length;
    sentBytes += values.reduce((sum, value) => sum + value.bytes.byteLength, 0);
    options.onProgress?.({ sentValues, sentBytes, plan });
  };
  await pMap(plan.batches, async (batch) => write(await loadValues(releaseDir, batch)), {
    concurrency: PARALLEL_BATCHES,
  });
  const patience = options.patienceMs ?? 90_000;
  await settled(patience, () => requireListed(store, source));
  await settled(patience, () => requireReadable(store, source));
  if (plan.manifest !== null) {
    await write([{ key: plan.manifest.key, bytes: source.bytes, sha256: plan.manifest.sha256 }]);
  }
  return manifest;
}

/** @throws UsherError `QUOTA_ITEMS` for a release with more items than the catalogue's quota. */
export function requireReleaseWithin(
  { release, dataset }: Manifest,
  mostItems: number | undefined,
): void {
  requireItemsWithin(release, dataset.items, mostItems);
}

/**
 * @param what has the items: a release, or the events that one would be trained on.
 * @throws UsherError `QUOTA_ITEMS` for more items than the catalogue's quota.
 */
export function requireItemsWithin(
  what: string,
  items: number,
  mostItems: number | undefined,
): void {
  if (mostItems === undefined || items <= mostItems) return;
  throw new UsherError(
    "QUOTA_ITEMS",
    `${what} has ${items} items, and the quota of this catalogue is ${mostItems}. Nothing was written. Leave items out and train again, or raise the quota: "usher tenants quota TENANT --items ${items}".`,
  );
}

/**
 * Hands a pushed release to the cron Worker, which reads every value back inside KV, compares the
 * checksums, and only then gives it its share of the users.
 *
 * @param share above 0, at most 1.
 */
export async function stageRelease(
  store: KvStore,
  release: string,
  now: Date,
  share = 1,
): Promise<void> {
  const staged: Staged = { release, stagedAt: now.toISOString(), verified: 0, share };
  const bytes = new TextEncoder().encode(JSON.stringify(staged));
  await store.write([{ key: STAGED_KEY, bytes }]);
}

async function readSource(folder: string): Promise<Source> {
  const bytes = await readFile(path.join(folder, "manifest.json")).catch(() => null);
  if (bytes === null) {
    throw new UsherError(
      "RELEASE_MISSING",
      `${folder} is no release: it has no manifest.json. "usher train" writes one.`,
    );
  }
  const manifest = await withEveryValue(parseManifest(bytes.toString("utf8")), (key) =>
    readFile(path.join(folder, "values", key)).then(
      (value) => new Uint8Array(value),
      () => null,
    ),
  );
  return { folder, manifest, bytes };
}

function planOf({ manifest, bytes }: Source, found: Found): PushPlan {
  return planPush(manifest, { bytes: bytes.length, sha256: sha256(bytes) }, found);
}

async function find(store: KvStore, release: string): Promise<Found> {
  const [present, wrong] = await Promise.all([listed(store, release), foundWrong(store, release)]);
  return { present, wrong };
}

async function listed(store: KvStore, release: string): Promise<Map<string, string | null>> {
  const present = new Map<string, string | null>();
  for await (const entry of store.list(releasePrefix(release))) {
    present.set(entry.key, entry.sha256);
  }
  return present;
}

/** A value can be damaged while its metadata says that it is right: only reading it tells. */
async function foundWrong(store: KvStore, release: string): Promise<Set<string>> {
  const bytes = await store.read(REFUSED_KEY);
  if (bytes === null) return new Set();
  const refused = parseRefused(new TextDecoder().decode(bytes));
  return new Set(refused.release === release ? refused.keys : []);
}

function loadValues(releaseDir: string, values: readonly PlannedValue[]): Promise<KvValue[]> {
  return pMap(values, (value) => loadValue(releaseDir, value), { concurrency: PARALLEL_FILES });
}

async function loadValue(releaseDir: string, value: PlannedValue): Promise<KvValue> {
  const relative = value.key.split("/").slice(2).join("/");
  const file = path.join(releaseDir, "values", relative);
  const bytes = await readFile(file).catch(() => null);
  if (bytes !== null && sha256(bytes) === value.sha256) {
    return { key: value.key, bytes, sha256: value.sha256 };
  }
  const what = bytes === null ? "is missing" : "does not match its checksum in the manifest";
  throw new UsherError(
    "RELEASE_DAMAGED",
    `${file} ${what}. Train the release again; nothing of it is served.`,
  );
}

async function requireListed(store: KvStore, source: Source): Promise<void> {
  const { manifest } = source;
  const present = await listed(store, manifest.release);
  const missing = planOf(source, { present }).batches.flat();
  if (missing.length === 0) return;
  throw incomplete(
    manifest,
    `does not list ${missing.length} of ${manifest.values.length} values`,
    missing[0]!,
  );
}

/** Reads a sample back; what differs is sent again, since its metadata would keep a push from it. */
async function requireReadable(store: KvStore, { folder, manifest }: Source): Promise<void> {
  const read = await pMap(
    readBackSample(manifest),
    async (value) => {
      const bytes = await store.read(value.key);
      return bytes !== null && sha256(new Uint8Array(bytes)) === value.sha256 ? null : value;
    },
    { concurrency: PARALLEL_READS },
  );
  const wrong = read.filter((value) => value !== null);
  if (wrong.length === 0) return;
  await store.write(await loadValues(folder, wrong));
  throw incomplete(manifest, "gives back something else than was written", wrong[0]!);
}

/** KV shows a write everywhere within about a minute; a check that fails before that may only be early. */
function settled(patienceMs: number, check: () => Promise<void>): Promise<void> {
  return pRetry(check, {
    retries: 100,
    minTimeout: Math.min(1_000, patienceMs / 10),
    factor: 1.5,
    maxTimeout: 10_000,
    maxRetryTime: patienceMs,
    shouldRetry: ({ error }) => error instanceof UsherError && error.code === "PUSH_INCOMPLETE",
  });
}

function incomplete(manifest: Manifest, what: string, first: PlannedValue): UsherError {
  return new UsherError(
    "PUSH_INCOMPLETE",
    `Workers KV ${what} of ${manifest.release} (first: ${first.key}). Push again: only what is missing is sent. The release before it still serves.`,
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
