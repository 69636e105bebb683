import { marginalCharge, PAID, QUEUE_OPERATIONS_PER_MESSAGE } from "../../release/prices.ts";

/** What a request of one kind uses. */
interface RequestPath {
  readonly path: string;
  readonly cpuMilliseconds: number;
  readonly kvReads: number;
  readonly queueMessages: number;
}

/** CPU is rounded up from what `npm run bench -- edge` measures. */
const PATHS: readonly RequestPath[] = [
  { path: "any GET, answered by Workers Cache", cpuMilliseconds: 0, kvReads: 0, queueMessages: 0 },
  {
    path: "`GET /recommend/:id`, shard in the isolate",
    cpuMilliseconds: 1,
    kvReads: 0,
    queueMessages: 0,
  },
  {
    path: "`GET /recommend/:id`, shard read from KV",
    cpuMilliseconds: 1,
    kvReads: 1,
    queueMessages: 0,
  },
  {
    path: "the same with filters: list and profile read",
    cpuMilliseconds: 4,
    kvReads: 2,
    queueMessages: 0,
  },
  {
    path: "`POST /v1/recommendations`: 50 ratings folded in",
    cpuMilliseconds: 4,
    kvReads: 0,
    queueMessages: 0,
  },
  { path: "`POST /v1/events`, one event a call", cpuMilliseconds: 1, kvReads: 0, queueMessages: 1 },
  {
    path: "`POST /v1/events`, 1,000 events a call, 250 KB of messages",
    cpuMilliseconds: 10,
    kvReads: 0,
    queueMessages: 4,
  },
];

/** Dollars for a million requests of each path, once what is included is used up. */
export function dollarsPerMillion(): { path: string; dollars: number }[] {
  const million = 1e6;
  return PATHS.map(({ path, cpuMilliseconds, kvReads, queueMessages }) => ({
    path,
    dollars:
      marginalCharge(PAID.requests, million) +
      marginalCharge(PAID.cpuMilliseconds, million * cpuMilliseconds) +
      marginalCharge(PAID.kvReads, million * kvReads) +
      marginalCharge(PAID.queueOperations, million * queueMessages * QUEUE_OPERATIONS_PER_MESSAGE),
  }));
}
