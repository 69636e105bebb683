import type { UsherEvent } from "./event.ts";

/** What of an event says how a user stands to an item. `occurredAt` in epoch milliseconds. */
export type ProfileEvent = Pick<UsherEvent, "itemId" | "type" | "value" | "occurredAt">;

/** What a user's recent events come to. */
export interface Profile {
  /** The event that stands for each item, the latest first. */
  readonly interactions: readonly ProfileEvent[];
  /** Items taken back and not touched since. */
  readonly removed: readonly string[];
}

/**
 * The event that stands for each item, by the same rules as a dataset: nothing up to a removal
 * counts; of the rest a rating stands before any implicit event, and the later before the earlier.
 *
 * @param events in order of arrival, which decides between two at the same instant.
 */
export function profileOf(events: readonly ProfileEvent[]): Profile {
  const byItem = new Map<string, ProfileEvent[]>();
  // A stable sort: what arrived later stays behind what happened at the same instant.
  for (const event of [...events].sort((a, b) => a.occurredAt - b.occurredAt)) {
    const own = byItem.get(event.itemId);
    if (event.type === "remove" || own === undefined) byItem.set(event.itemId, [event]);
    else own.push(event);
  }
  const interactions: ProfileEvent[] = [];
  const removed: string[] = [];
  for (const [itemId, own] of byItem) {
    const standing = own.findLast(({ type }) => type === "rate") ?? own.at(-1)!;
    if (standing.type === "remove") removed.push(itemId);
    else interactions.push(standing);
  }
  interactions.sort((a, b) => b.occurredAt - a.occurredAt);
  return { interactions, removed };
}
