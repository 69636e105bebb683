import { type Cursors, recentCursors } from "./cursors.ts";
import type {
  Event,
  FoundItems,
  ListWish,
  OneItem,
  ProfileWish,
  RankedItems,
  Recommendations,
  SearchWish,
  UserWish,
  Verdict,
} from "./interface.ts";
import { Outbox } from "./outbox.ts";
import { type Connection, request } from "./request.ts";

/** How a client behaves; everything has a default. */
export interface UsherOptions {
  /** Origin of the API, `https://usher-api.example.workers.dev`. Default "": the page's own. */
  readonly url?: string;
  /** API key with the scope `events`; in a page it is public, so let it be one of its own. */
  readonly key?: string;
  /** Longest wait for one answer, in ms. Default 5,000. */
  readonly timeoutMs?: number;
  /** Times that a call is repeated when the service is busy (429) or away. Default 3. */
  readonly retries?: number;
  /** How long events wait for others to be sent with, in ms. Default 200. */
  readonly batchMs?: number;
  /** Where cursors are kept. Default: in memory, of the 10,000 users who sent something last. */
  readonly cursors?: Cursors;
  readonly fetch?: typeof fetch;
}

/** Lets go of an answer that nobody waits for any more. */
interface Abortable {
  readonly signal?: AbortSignal;
}

type Rating = ProfileWish["ratings"][number];

/**
 * A client of one Usher, for pages, Workers and Node.
 *
 * What a user sends is seen by the same client's next `recommendations` for them. Every method throws
 * `UsherProblem` when the service refuses or stays away.
 *
 * @example
 * const usher = new Usher({ url: "https://usher-api.example.workers.dev" });
 * await usher.send({ userId: "ada", itemId: "50", type: "rate", value: 5 });
 * const { items } = await usher.recommendations("ada", { limit: 10, category: ["Comedy"] });
 */
export class Usher {
  readonly #connection: Connection;
  readonly #cursors: Cursors;
  readonly #outbox: Outbox;

  constructor(options: UsherOptions = {}) {
    this.#connection = {
      url: (options.url ?? "").replace(/\/$/, ""),
      key: options.key,
      timeoutMs: options.timeoutMs ?? 5_000,
      retries: options.retries ?? 3,
      fetch: options.fetch ?? fetch.bind(globalThis),
    };
    this.#cursors = options.cursors ?? recentCursors();
    this.#outbox = new Outbox(this.#connection, this.#cursors, options.batchMs ?? 200);
    // A page that is hidden may never be shown again: what waits leaves now.
    const page = (globalThis as { document?: EventTarget & { visibilityState: string } }).document;
    page?.addEventListener("visibilitychange", () => {
      if (page.visibilityState === "hidden") this.#outbox.flush(true);
    });
  }

  /** A user's best items; what this client sent for them is seen. */
  async recommendations(
    userId: string,
    { signal, ...wish }: UserWish & Abortable = {},
  ): Promise<Recommendations> {
    await this.#outbox.settled(userId);
    const after = wish.after ?? this.#cursors.get(userId) ?? undefined;
    const path = `/v1/users/${encodeURIComponent(userId)}/recommendations`;
    return this.#get(path, { ...wish, after }, signal);
  }

  /** The best items for ratings that the service does not keep. */
  recommendationsFor(
    ratings: readonly Rating[],
    { signal, ...wish }: Omit<ProfileWish, "ratings"> & Abortable = {},
  ): Promise<Recommendations> {
    return request(this.#connection, "/v1/recommendations", {
      body: { ...wish, ratings },
      signal,
    });
  }

  /** Items like one. */
  similar(itemId: string, { signal, ...wish }: ListWish & Abortable = {}): Promise<RankedItems> {
    return this.#get(`/v1/items/${encodeURIComponent(itemId)}/similar`, wish, signal);
  }

  /** Items by the beginnings of their titles' words, most popular first. */
  search(
    words: string,
    { signal, ...wish }: Omit<SearchWish, "search"> & Abortable = {},
  ): Promise<FoundItems> {
    return this.#get("/v1/items", { ...wish, search: words }, signal);
  }

  /** One item. */
  item(itemId: string, { signal }: Abortable = {}): Promise<OneItem> {
    return this.#get(`/v1/items/${encodeURIComponent(itemId)}`, {}, signal);
  }

  /** What many people rate and watch of late. */
  trending({ signal, ...wish }: ListWish & Abortable = {}): Promise<RankedItems> {
    return this.#get("/v1/trending", wish, signal);
  }

  /**
   * Sends events, a few moments' worth in one call, and gives what became of each. An event without a
   * time gets the present one, so that sending again after a fault counts it once.
   */
  send(...events: readonly Event[]): Promise<Verdict[]> {
    return Promise.all(events.map((event) => this.#outbox.add(event)));
  }

  /** Sends what waits, now; settles when it was answered or given up. */
  async flush(): Promise<void> {
    await this.#outbox.flush();
  }

  #get<Answer>(path: string, wish: object, signal: AbortSignal | undefined): Promise<Answer> {
    const query = queryOf(wish);
    return request(this.#connection, query === "" ? path : `${path}?${query}`, { signal });
  }
}

/** A list is written with commas, so a comma inside a name is escaped once more. */
function queryOf(wish: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wish)) {
    const text = Array.isArray(value)
      ? value.map((part) => String(part).replaceAll(",", "%2C")).join(",")
      : String(value ?? "");
    if (text !== "") query.set(name, text);
  }
  return query.toString();
}
