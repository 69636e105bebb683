/**
 * What Cloudflare charges and includes, in US dollars, as documented in November 2026. Every figure
 * about money in this repository comes from here.
 */

/** A meter: what a month includes, and what a further unit of `per` costs. */
export interface Meter {
  readonly included: number;
  readonly price: number;
  readonly per: number;
}

/** The Workers Paid plan. */
export const PAID = {
  // https://developers.cloudflare.com/workers/platform/pricing/
  monthly: 5,
  requests: { included: 10e6, price: 0.3, per: 1e6 },
  cpuMilliseconds: { included: 30e6, price: 0.02, per: 1e6 },
  // https://developers.cloudflare.com/kv/platform/pricing/ (each pair of a bulk write is a write)
  kvReads: { included: 10e6, price: 0.5, per: 1e6 },
  kvWrites: { included: 1e6, price: 5, per: 1e6 },
  kvDeletes: { included: 1e6, price: 5, per: 1e6 },
  kvLists: { included: 1e6, price: 5, per: 1e6 },
  kvStoredBytes: { included: 1e9, price: 0.5, per: 1e9 },
  // https://developers.cloudflare.com/queues/platform/pricing/ (write, read and delete of each 64 KB)
  queueOperations: { included: 1e6, price: 0.4, per: 1e6 },
} as const satisfies Record<string, Meter | number>;

/** Operations of one queue message up to 64 KB: it is written, read and deleted. */
export const QUEUE_OPERATIONS_PER_MESSAGE = 3;

/** What the free plan allows in a day. */
export const FREE_DAY = {
  // https://developers.cloudflare.com/workers/platform/limits/
  requests: 100_000,
  // https://developers.cloudflare.com/kv/platform/pricing/
  kvReads: 100_000,
  kvWrites: 1_000,
  kvDeletes: 1_000,
  kvLists: 1_000,
  // https://developers.cloudflare.com/queues/platform/pricing/
  queueOperations: 10_000,
} as const;

/** Dollars for so many units in a month, past what is included. */
export function chargeFor(meter: Meter, units: number): number {
  return (Math.max(0, units - meter.included) / meter.per) * meter.price;
}

/** Dollars for so many units when what is included is used up already. */
export function marginalCharge(meter: Meter, units: number): number {
  return (units / meter.per) * meter.price;
}
