/**
 * `node examples/backend/send-orders.ts FILE`: sends a file of orders, one JSON object a line, as
 * events. Sending it again changes nothing: each event carries the order's own id and time.
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { type Event, Usher, type Verdict } from "../../client/index.ts";

/** Lines that are under way at once: memory does not grow with the file. */
const AT_ONCE = 2_000;

interface Order {
  readonly order: string;
  readonly customer: string;
  readonly product: string;
  readonly at: string;
}

const file = process.argv[2];
if (file === undefined) throw new Error("Name the file of orders.");
const key = process.env["USHER_KEY"];
const usher = new Usher({
  url: process.env["USHER_API"] ?? "http://127.0.0.1:8787",
  retries: 8,
  ...(key === undefined ? {} : { key }),
});

const counts = { accepted: 0, duplicate: 0, rejected: 0 };
let events: Event[] = [];
for await (const line of createInterface({ input: createReadStream(file) })) {
  if (line.trim() !== "") events.push(eventOf(JSON.parse(line) as Order));
  if (events.length < AT_ONCE) continue;
  count(await usher.send(...events));
  events = [];
}
count(await usher.send(...events));
console.log(JSON.stringify(counts));

function eventOf({ order, customer, product, at }: Order): Event {
  return { eventId: order, userId: customer, itemId: product, type: "play", occurredAt: at };
}

function count(verdicts: readonly Verdict[]): void {
  for (const { status, reason } of verdicts) {
    counts[status]++;
    if (reason !== undefined) console.warn(reason);
  }
}
