import { latencyBucket } from "../../events/latency.ts";
import { labelled, type TrafficCount } from "../../events/traffic.ts";

/** A number that grows until it is flushed; of what is measured also the sum, least and most. */
export class Tally {
  /** Public for the hottest path, which does nothing but add one. */
  count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  measure(value: number): void {
    this.count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** What was counted; from here on it counts from nothing. */
  take(): Omit<TrafficCount, "name" | "labels"> {
    const { count } = this;
    const measured = this.#min <= this.#max;
    const taken = measured
      ? { count, sum: this.#sum, min: this.#min, max: this.#max }
      : { count, sum: count, min: 1, max: 1 };
    this.count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    return taken;
  }
}

/**
 * What one isolate, of the API or of the consumer, counted since its last flush. It lives in memory alone: what an isolate has
 * counted when the platform ends it is lost.
 *
 * A tally, once given out, is the same one for as long as the isolate lives: releases, sources and
 * routes are few, and a path that counts often may keep it.
 */
export class Traffic {
  readonly #tallies = new Map<string, { name: string; labels: string; tally: Tally }>();
  /** Epoch ms at which the next flush may leave. */
  flushAt: number;

  constructor(flushAt: number) {
    this.flushAt = flushAt;
  }

  tally(name: string, labels: Readonly<Record<string, string>>): Tally {
    const text = labelled(labels);
    const key = `${name} ${text}`;
    const held = this.#tallies.get(key);
    if (held !== undefined) return held.tally;
    const tally = new Tally();
    this.#tallies.set(key, { name, labels: text, tally });
    return tally;
  }

  add(name: string, labels: Readonly<Record<string, string>>, count = 1): void {
    this.tally(name, labels).count += count;
  }

  /**
   * Counts a time in ms twice: `NAME_ms` has number, sum, least and most, `NAME_bucket` the number in
   * each bucket of `events/latency.ts`, labelled `le`.
   */
  time(name: string, labels: Readonly<Record<string, string>>, ms: number): void {
    this.tally(`${name}_ms`, labels).measure(ms);
    this.add(`${name}_bucket`, { ...labels, le: latencyBucket(ms) });
  }

  /** Everything counted since the last time. */
  take(): TrafficCount[] {
    const counts: TrafficCount[] = [];
    for (const { name, labels, tally } of this.#tallies.values()) {
      if (tally.count > 0) counts.push({ name, labels, ...tally.take() });
    }
    return counts;
  }
}
