import { REST_REQUESTS_PER_5_MINUTES } from "../../release/limits.ts";

/** The window of the account's request limit, in milliseconds. */
const WINDOW_MS = 5 * 60_000;

/** Admits 1,200 requests in any 5 minutes, as Cloudflare does for an account's whole API. */
export class RateLimit {
  readonly #times: number[] = [];
  readonly #most: number;

  constructor(most = REST_REQUESTS_PER_5_MINUTES) {
    this.#most = most;
  }

  /** Seconds until the account may ask again, rounded up; 0 admits the request and counts it. */
  secondsToWait(now: number): number {
    while (this.#times.length > 0 && this.#times[0]! <= now - WINDOW_MS) this.#times.shift();
    if (this.#times.length >= this.#most) {
      return Math.ceil((this.#times[0]! + WINDOW_MS - now) / 1000);
    }
    this.#times.push(now);
    return 0;
  }

  /** The `Ratelimit` header: what is left, and seconds until the window's first request leaves it. */
  header(now: number): string {
    const seconds = Math.ceil(((this.#times[0] ?? now) + WINDOW_MS - now) / 1000);
    return `"default";r=${this.#most - this.#times.length};t=${seconds}`;
  }
}
