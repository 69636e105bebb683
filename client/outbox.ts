import type { Cursors } from "./cursors.ts";
import type { Event, ReceivedEvents, Verdict } from "./interface.ts";
import { UsherProblem } from "./problem.ts";
import { type Connection, request } from "./request.ts";

interface Waiting {
  readonly event: Event;
  readonly told: PromiseWithResolvers<Verdict>;
}

/** Events of one call: well below what the service takes. */
const MOST_EVENTS = 500;
/** Bytes of one call: what a page that closes may still send (64 KB for all its requests). */
const MOST_BYTES = 60_000;

const encoder = new TextEncoder();

/** Gathers events for a moment and sends them together, in order. */
export class Outbox {
  readonly #connection: Connection;
  readonly #cursors: Cursors;
  readonly #batchMs: number;
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What is under way, one call after the other: a user's events must not overtake each other. */
  #sending: Promise<unknown> = Promise.resolve();
  /** Users with events that wait or are under way, and how many. */
  readonly #unsent = new Map<string, number>();

  constructor(connection: Connection, cursors: Cursors, batchMs: number) {
    this.#connection = connection;
    this.#cursors = cursors;
    this.#batchMs = batchMs;
  }

  /** The verdict comes when the event's batch was answered. */
  add(event: Event): Promise<Verdict> {
    // With its time an event is the same however often it is sent.
    const dated = { ...event, occurredAt: event.occurredAt ?? Date.now() };
    const told = Promise.withResolvers<Verdict>();
    this.#waiting.push({ event: dated, told });
    this.#count(event.userId, 1);
    this.#timer ??= setTimeout(() => this.flush(), this.#batchMs);
    return told.promise;
  }

  /** Sends what waits, now. Settles when all of it was answered or given up; never rejects. */
  flush(keepalive = false): Promise<unknown> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batches = inBatches(this.#waiting);
    this.#waiting = [];
    // A closing page cannot wait for one call to end before it sends the next.
    if (keepalive) return Promise.all(batches.map((batch) => this.#send(batch, true)));
    for (const batch of batches) this.#sending = this.#sending.then(() => this.#send(batch, false));
    return this.#sending;
  }

  /** Settles when nothing of the user waits or is under way: the next read sees it. */
  async settled(userId: string): Promise<void> {
    if (this.#unsent.has(userId)) await this.flush();
  }

  async #send(batch: readonly Waiting[], keepalive: boolean): Promise<void> {
    let problem: unknown = new UsherProblem(
      202,
      "NO_VERDICT",
      "The service did not name the event.",
    );
    try {
      const { verdicts, cursor } = await this.#post(batch, keepalive);
      for (const { event } of cursor == null ? [] : batch) this.#cursors.set(event.userId, cursor!);
      for (const verdict of verdicts) batch[verdict.index]?.told.resolve(verdict);
    } catch (error) {
      problem = error;
    }
    for (const { event, told } of batch) {
      // For those that have their verdict this changes nothing.
      told.reject(problem);
      this.#count(event.userId, -1);
    }
  }

  async #post(batch: readonly Waiting[], keepalive: boolean) {
    const body = batch.map(({ event }) => event);
    try {
      const call = { body, keepalive, authorised: true };
      return await request<ReceivedEvents>(this.#connection, "/v1/events", call);
    } catch (error) {
      // A call without one good event is refused as a whole, with the verdicts.
      const verdicts = error instanceof UsherProblem ? error.document["verdicts"] : undefined;
      if (!Array.isArray(verdicts)) throw error;
      return { verdicts: verdicts as Verdict[], cursor: null };
    }
  }

  #count(userId: string, change: number): void {
    const unsent = (this.#unsent.get(userId) ?? 0) + change;
    if (unsent > 0) this.#unsent.set(userId, unsent);
    else this.#unsent.delete(userId);
  }
}

function inBatches(waiting: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = [];
  let room = 0;
  for (const one of waiting) {
    const bytes = encoder.encode(JSON.stringify(one.event)).length + 1;
    if (bytes > room || batches.at(-1)!.length >= MOST_EVENTS) {
      batches.push([]);
      room = MOST_BYTES;
    }
    batches.at(-1)!.push(one);
    room -= bytes;
  }
  return batches;
}
