import { type UsherEvent, validateEvent } from "../../events/event.ts";
import type { RecordedCall } from "./recent-events.ts";

/** What became of one event of a call, by its position in it. */
export type EventVerdict =
  | { readonly index: number; readonly status: "accepted"; readonly eventId: string }
  | { readonly index: number; readonly status: "duplicate"; readonly eventId: string }
  | { readonly index: number; readonly status: "rejected"; readonly reason: string };

/** A call's events, judged one by one. */
export interface JudgedCall {
  readonly verdicts: readonly EventVerdict[];
  /** Those accepted, in order. */
  readonly events: readonly UsherEvent[];
}

/**
 * Judges a call by itself: form, fields, and whether an event stands in it twice.
 *
 * @param isKnownItem whether events about an item are taken at all.
 * @param now epoch milliseconds.
 */
export function judge(
  inputs: readonly unknown[],
  now: number,
  isKnownItem: (itemId: string) => boolean,
): JudgedCall {
  const events: UsherEvent[] = [];
  const seen = new Set<string>();
  const verdicts = inputs.map((input, index): EventVerdict => {
    const checked = validateEvent(input, now);
    if (!checked.ok) return { index, status: "rejected", reason: checked.reason };
    const { eventId, itemId } = checked.event;
    if (!isKnownItem(itemId)) {
      const reason = "itemId: is not in the catalogue that serves, and unknown items are refused";
      return { index, status: "rejected", reason };
    }
    if (seen.has(eventId)) return { index, status: "duplicate", eventId };
    seen.add(eventId);
    events.push(checked.event);
    return { index, status: "accepted", eventId };
  });
  return { verdicts, events };
}

/** Adds what the live profiles know: an event that was sent before, a user who was erased. */
export function amend(judged: JudgedCall, recorded: RecordedCall): EventVerdict[] {
  const userOf = new Map(judged.events.map(({ eventId, userId }) => [eventId, userId]));
  return judged.verdicts.map((verdict): EventVerdict => {
    if (verdict.status === "rejected") return verdict;
    const { index, eventId } = verdict;
    if (recorded.erased.has(userOf.get(eventId)!)) {
      return { index, status: "rejected", reason: "userId: this user was erased" };
    }
    return recorded.known.has(eventId) ? { index, status: "duplicate", eventId } : verdict;
  });
}
