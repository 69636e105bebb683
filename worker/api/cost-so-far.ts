import type { MonthUsage } from "../../drizzle/month-usage.ts";
import { chargeFor, type Meter, PAID, QUEUE_OPERATIONS_PER_MESSAGE } from "../../release/prices.ts";

/** One thing that is charged for: units used this month, what the plan includes, dollars beyond it. */
export interface Charge {
  readonly what: string;
  readonly used: number;
  readonly included: number;
  readonly dollars: number;
}

export interface CostSoFar {
  readonly charges: readonly Charge[];
  /** The plan's own price included. */
  readonly dollars: number;
}

/** CPU of a request in ms: above what `npm run bench -- edge` measures. */
const CPU_MILLISECONDS = 1;

/**
 * This month so far on the Workers Paid plan, Postgres not included. Not exact: answers from Workers
 * Cache are requests that no Worker counts, and a request that was computed is taken to read KV once.
 */
export function costSoFar(usage: MonthUsage): CostSoFar {
  const requests = usage.computed + usage.fromMemory;
  const charges = [
    charge("Requests", PAID.requests, requests),
    charge("CPU, ms", PAID.cpuMilliseconds, requests * CPU_MILLISECONDS),
    charge("KV reads", PAID.kvReads, usage.computed),
    charge("KV writes", PAID.kvWrites, usage.kvWrites),
    charge("KV deletes", PAID.kvDeletes, usage.kvDeletes),
    charge("KV storage, bytes", PAID.kvStoredBytes, usage.kvStoredBytes),
    charge(
      "Queue operations",
      PAID.queueOperations,
      usage.queueMessages * QUEUE_OPERATIONS_PER_MESSAGE,
    ),
  ];
  return {
    charges,
    dollars: charges.reduce<number>((sum, { dollars }) => sum + dollars, PAID.monthly),
  };
}

function charge(what: string, meter: Meter, used: number): Charge {
  return { what, used, included: meter.included, dollars: chargeFor(meter, used) };
}
