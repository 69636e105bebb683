import { UsherError } from "../../release/error.ts";
import { manifestKey, POINTER_KEY, REFUSED_KEY, STAGED_KEY } from "../../release/keys.ts";
import { type Manifest, parseManifest } from "../../release/manifest.ts";
import {
  type Pointer,
  parsePointer,
  parseStaged,
  type Refused,
  type Staged,
} from "../../release/pointer.ts";
import { withShare } from "../../release/pointer-change.ts";
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
  const manifest = await readManifest(store, staged.release);
  if (typeof manifest === "string") return refuseOnceSettled(store, staged, manifest, [], options);
  const upTo = endOfRun(manifest, staged.verified, options.budget);
  const wrong = await wrongValues(store, manifest, staged.verified, upTo);
  if (wrong.length > 0) return refuseOnceSettled(store, staged, inWords(wrong), wrong, options);
  // Somebody may have staged another release meanwhile; it must not be overwritten.
  if ((await store.text(STAGED_KEY)) !== text) return { kind: "idle" };
  if (upTo < manifest.values.length) {
    await store.put(STAGED_KEY, JSON.stringify({ ...staged, verified: upTo } satisfies Staged));
    const { release } = staged;
    return { kind: "verifying", release, verified: upTo, of: manifest.values.length };
  }
  return activate(store, staged, options.now);
}

/** The manifest, or what is wrong with it. */
async function readManifest(store: CronStore, release: string): Promise<Manifest | string> {
  const text = await store.text(manifestKey(release));
  if (text === null) return "its manifest is not in KV";
  try {
    return parseManifest(text);
  } catch (error) {
    if (error instanceof UsherError) return error.message;
    throw error;
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
  reason: string,
  wrong: readonly WrongValue[],
  { now, settleMs }: ActivationOptions,
): Promise<ActivationOutcome> {
  if (now.getTime() - Date.parse(stagedAt) < settleMs) return { kind: "settling", release, reason };
  const keys = wrong.slice(0, MOST_NAMED).map((value) => value.key);
  const refused: Refused = { release, refusedAt: now.toISOString(), reason, keys };
  await store.put(REFUSED_KEY, JSON.stringify(refused));
  await store.delete(STAGED_KEY);
  return { kind: "refused", release, reason };
}

function inWords(wrong: readonly WrongValue[]): string {
  const first = `${wrong[0]!.key} ${wrong[0]!.problem}`;
  return wrong.length === 1 ? first : `${first}, and ${wrong.length - 1} other values are wrong`;
}
