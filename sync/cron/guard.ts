import type { ReleaseTraffic } from "../../drizzle/traffic.ts";
import { POINTER_KEY, REFUSED_KEY } from "../../release/keys.ts";
import { type Pointer, parsePointer, type Refused } from "../../release/pointer.ts";
import { rolledBack } from "../../release/pointer-change.ts";
import { judge } from "./guardrail.ts";
import type { CronStore } from "./store.ts";

/** A release is watched for this long after the pointer changed; then it has proved itself. */
const WATCHED_MS = 24 * 3_600_000;

export type GuardOutcome =
  | { readonly kind: "idle" }
  | { readonly kind: "watching"; readonly release: string; readonly answers: number }
  | { readonly kind: "good"; readonly release: string }
  | {
      readonly kind: "rolled-back";
      readonly release: string;
      readonly to: string;
      readonly reason: string;
      readonly before: readonly string[];
    };

/**
 * Watches the releases that came with the last change of the pointer, and rolls back to the release
 * before them when a guardrail trips.
 *
 * The rollback is final: nothing is offered as the release before, so two releases cannot take turns.
 *
 * @param traffic gives what each release was asked since a time; called only when there is something
 *   to watch.
 */
export async function guardServing(
  store: CronStore,
  traffic: (since: Date) => Promise<ReleaseTraffic[]>,
  now: Date,
): Promise<GuardOutcome> {
  const text = await store.text(POINTER_KEY);
  if (text === null) return { kind: "idle" };
  const pointer = parsePointer(text);
  const changedAt = Date.parse(pointer.changedAt);
  const { previous } = pointer;
  if (previous === null || now.getTime() - changedAt > WATCHED_MS) return { kind: "idle" };
  // The release before is judged by its last day too, the new one by what it did since.
  const counts = await traffic(new Date(changedAt - WATCHED_MS));
  const of = (release: string) => counts.find((one) => one.release === release) ?? silent(release);
  // Ids are ordered by age. Whoever went back to an older release meant it.
  const watched = pointer.arms.map((arm) => arm.release).filter((release) => release > previous);
  let outcome: GuardOutcome = { kind: "idle" };
  for (const release of watched) {
    const verdict = judge(of(release), of(previous), now.getTime() - changedAt);
    if (verdict.kind === "tripped") return rollBack(store, pointer, release, verdict.reason, now);
    outcome =
      verdict.kind === "good"
        ? { kind: "good", release }
        : { kind: "watching", release, answers: verdict.answers };
  }
  return outcome;
}

async function rollBack(
  store: CronStore,
  pointer: Pointer,
  release: string,
  reason: string,
  now: Date,
): Promise<GuardOutcome> {
  const back = rolledBack(pointer, now, { final: true });
  await store.put(POINTER_KEY, JSON.stringify(back));
  const note = `A guardrail took it back: ${reason}`;
  const refused: Refused = { release, refusedAt: now.toISOString(), reason: note, keys: [] };
  await store.put(REFUSED_KEY, JSON.stringify(refused));
  const before = pointer.arms.map((arm) => arm.release);
  return { kind: "rolled-back", release, to: back.arms[0]!.release, reason, before };
}

function silent(release: string): ReleaseTraffic {
  return { release, answers: 0, fallbacks: 0, errors: 0, clicks: 0, ratings: 0 };
}
