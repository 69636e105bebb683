/** What a tenant may use: the quotas that an owner sets, and which of them a day has used up. */
import * as v from "valibot";
import { UsherError } from "./error.ts";

const limit = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));

/** A tenant's quotas, for schemas; one that is absent is no limit. */
export const quotasSchema = v.strictObject({
  /** Events that `POST /v1/events` accepts in a day of UTC. */
  eventsADay: limit,
  /** Lists, items and searches that are answered in a day of UTC. */
  answersADay: limit,
  /** Items of a release. */
  items: limit,
});

export type Quotas = Readonly<v.InferOutput<typeof quotasSchema>>;

/** Quotas that begin anew with each day. */
const DAILY = ["events", "answers"] as const;
export type DailyQuota = (typeof DAILY)[number];

const OverSchema = v.strictObject({
  v: v.literal(1),
  day: v.pipe(v.string(), v.isoDate()),
  // Pairs: an object would not hold every name, as `constructor`.
  over: v.array(v.tuple([v.string(), v.array(v.picklist(DAILY))])),
});

/** Who has used up what on one day; from the next day on it says nothing. */
export interface OverQuota {
  /** `2026-03-01`, of UTC. */
  readonly day: string;
  readonly over: ReadonlyMap<string, readonly DailyQuota[]>;
}

/** Nobody has used up anything. */
export const NOBODY_OVER: OverQuota = { day: "", over: new Map() };

const NOTHING: readonly DailyQuota[] = [];

/** What a tenant has used up at a time. @param now epoch ms. */
export function usedUp({ day, over }: OverQuota, tenant: string, now: number) {
  const used = over.get(tenant);
  return used !== undefined && day === dayOf(now) ? used : NOTHING;
}

/** A day of UTC as `2026-03-01`. @param now epoch ms. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** The value of the key `over-quota`, tenants ascending. */
export function overQuotaText({ day, over }: OverQuota): string {
  const ascending = [...over].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ v: 1, day, over: ascending });
}

/**
 * The key `over-quota`; nobody while there is no such key.
 *
 * @throws UsherError `OVER_QUOTA_INVALID` for a key that holds something else.
 */
export function parseOverQuota(text: string | null): OverQuota {
  if (text === null) return NOBODY_OVER;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), OverSchema), text);
  if (result.success) return { day: result.output.day, over: new Map(result.output.over) };
  throw new UsherError("OVER_QUOTA_INVALID", 'The key "over-quota" holds something else.');
}
