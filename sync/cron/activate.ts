import { CHECKSUMS_KEY, withEveryValue } from "../../release/checksums.ts";
import { UsherError } from "../../release/error.ts";
import { unreadable } from "../../release/formats.ts";
import {
  manifestKey,
  POINTER_KEY,
  REFUSED_KEY,
  releasePrefix,
  STAGED_KEY,
} from "../../release/keys.ts";
import { type Manifest, parseManifest } from "../../release/manifest.ts";
import {
  type Pointer,
  parsePointer,
  parseStaged,
  type Refused,
  type Staged,
} from "../../release/pointer.ts";
import { withShare } from "../../release/pointer-change.ts";
import type { AskedFormats } from "./api-formats.ts";
import type { CronStore } from "./store.ts";
import { endOfRun, type ReadBudget, type WrongValue, wrongValues } from "./verify.ts";

/** What one look at the staged release came to. */
export type ActivationOutcome =
  | { readonly kind: "idle" }
  | { readonly kind: "settling"; readonly release: string; readonly reason: string }
  | {
      readonly kind: "verifying";
      readonly release: string;
      readonly verified: number;
      readonly of: number;
    }
  | {
      readonly kind: "activated";
      readonly release: string;
      readonly share: number;
      readonly before: readonly string[];
    }
  | { readonly kind: "refused"; readonly release: string; readonly reason: string };

export interface ActivationOptions {
  readonly now: Date;
  readonly budget: ReadBudget;
  /**
   * KV shows a write everywhere within about a minute: what is missing or different before this
   * time since staging, in milliseconds, may only be late.
   */
  readonly settleMs: number;
  /** Asks the Worker that will serve which formats it reads; absent where there is none to ask. */
  readonly formats?: () => Promise<AskedFormats>;
  /** Items that the catalogue's quota lets a release have; undefined for any number. */
  readonly mostItems?: () => Promise<number | undefined>;
}

/** Wrong keys named in a refusal; a release with more of them is sent again in several rounds. */
const MOST_NAMED = 200;

/**
 * Verifies a staged release inside KV and, once every value matched, gives it its share of users.
 *
 * A run checks as many values as its budget allows and notes how far it came: the next run goes on.
 * A release that fails is un-staged, and the key `refused` says why and which values to send again;
 * what served before goes on serving.
 */
export async function activateStaged(
  store: CronStore,
  options: ActivationOptions,
): Promise<ActivationOutcome> {
  const text = await store.text(STAGED_KEY);
  if (text === null) return { kind: "idle" };
  const staged = parseStaged(text);
  const read = await readManifest(store, staged.release);
  if (read.manifest === null) return refuseOnceSettled(store, staged, read, options);
  const { manifest } = read;
  const { release } = staged;
  const asked = await options.formats?.();
  // Nobody flips what may not be readable: the next run asks again.
  if (asked?.kind === "unknown") return { kind: "settling", release, reason: asked.reason };
  const foreign = asked === undefined ? null : unreadable(manifest, asked.reads);
  if (foreign !== null) return refuse(store, release, foreignFormat(foreign), options.now);
  const mostItems = await options.mostItems?.();
  const { items } = manifest.dataset;
  if (mostItems !== undefined && items > mostItems) {
    return refuse(store, release, tooManyItems(items, mostItems), options.now);
  }
  const upTo = endOfRun(manifest, staged.verified, options.budget);
  const wrong = await wrongValues(store, manifest, staged.verified, upTo);
  if (wrong.length > 0) {
    const keys = wrong.slice(0, MOST_NAMED).map(({ key }) => key);
    return refuseOnceSettled(store, staged, { reason: inWords(wrong), keys }, options);
  }
  // Somebody may have staged another release meanwhile; it must not be overwritten.
  if ((await store.text(STAGED_KEY)) !== text) return { kind: "idle" };
  if (upTo < manifest.values.length) {
    await store.put(STAGED_KEY, JSON.stringify({ ...staged, verified: upTo } satisfies Staged));
    return { kind: "verifying", release, verified: upTo, of: manifest.values.length };
  }
  return activate(store, staged, options.now);
}

/** Why a release is refused, and which keys a push has to send again. */
interface Refusal {
  readonly reason: string;
  readonly keys: readonly string[];
}

/** The manifest with every value that it lists, or what is wrong with it. */
async function readManifest(
  store: CronStore,
  release: string,
): Promise<{ manifest: Manifest } | (Refusal & { manifest: null })> {
  const key = manifestKey(release);
  const text = await store.text(key);
  if (text === null) return { manifest: null, reason: "its manifest is not in KV", keys: [] };
  const prefix = releasePrefix(release);
  try {
    const read = (relative: string) => store.bytes(prefix + relative);
    return { manifest: await withEveryValue(parseManifest(text), read) };
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    const wrong = error.code === "MANIFEST_INVALID" ? key : prefix + CHECKSUMS_KEY;
    return { manifest: null, reason: error.message, keys: [wrong] };
  }
}

async function activate(store: CronStore, staged: Staged, now: Date): Promise<ActivationOutcome> {
  const text = await store.text(POINTER_KEY);
  const current: Pointer | null = text === null ? null : parsePointer(text);
  const { release, share } = staged;
  // The first release of all has nobody to share with.
  const pointer = withShare(current, release, current === null ? 1 : share, now, () =>
    crypto.randomUUID(),
  );
  if (pointer !== current) await store.put(POINTER_KEY, JSON.stringify(pointer));
  await store.delete(STAGED_KEY);
  if ((await store.text(REFUSED_KEY)) !== null) await store.delete(REFUSED_KEY);
  const before = current?.arms.map((arm) => arm.release) ?? [];
  return { kind: "activated", release, share, before };
}

async function refuseOnceSettled(
  store: CronStore,
  { release, stagedAt }: Staged,
  refusal: Refusal,
  { now, settleMs }: ActivationOptions,
): Promise<ActivationOutcome> {
  const { reason } = refusal;
  if (now.getTime() - Date.parse(stagedAt) < settleMs) return { kind: "settling", release, reason };
  return refuse(store, release, refusal, now);
}

function foreignFormat(what: string): Refusal {
  const reason = `the API Worker that serves cannot read ${what}: deploy one that can, then push the release again`;
  return { reason, keys: [] };
}

function tooManyItems(items: number, mostItems: number): Refusal {
  const reason = `it has ${items} items, and the quota of this catalogue is ${mostItems}: leave some out or have the quota raised`;
  return { reason, keys: [] };
}

async function refuse(
  store: CronStore,
  release: string,
  { reason, keys }: Refusal,
  now: Date,
): Promise<ActivationOutcome> {
  const refused: Refused = { release, refusedAt: now.toISOString(), reason, keys: [...keys] };
  await store.put(REFUSED_KEY, JSON.stringify(refused));
  await store.delete(STAGED_KEY);
  return { kind: "refused", release, reason };
}

function inWords(wrong: readonly WrongValue[]): string {
  const first = `${wrong[0]!.key} ${wrong[0]!.problem}`;
  return wrong.length === 1 ? first : `${first}, and ${wrong.length - 1} other values are wrong`;
}
