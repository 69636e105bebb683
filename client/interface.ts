/** Written by `npm run client` from /openapi.json: change the service's schemas instead. */

export interface UserWish {
  /** Items wanted. Default 20. */
  readonly limit?: number | undefined;
  /** Only items with any of these categories. */
  readonly category?: readonly string[] | undefined;
  /** Only items with all of these categories. */
  readonly categoryAll?: readonly string[] | undefined;
  /** No item with any of these categories. */
  readonly categoryNone?: readonly string[] | undefined;
  /** Item ids not to show. */
  readonly exclude?: readonly string[] | undefined;
  /** Only items that this many users interacted with. Default 0. */
  readonly minPopularity?: number | undefined;
  /** Only items of this year or later. */
  readonly yearFrom?: number | undefined;
  /** Only items of this year or earlier. */
  readonly yearTo?: number | undefined;
  /** 0 ranks by score alone, 1 by how much items differ from those before them. Default 0. */
  readonly diversity?: number | undefined;
  /** Whether each item says which of the user's own items brought it. Default false. */
  readonly explain?: boolean | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
  /** `cursor` of POST /v1/events: the answer sees that call. */
  readonly after?: string | undefined;
}

export interface ListWish {
  /** Items wanted. Default 20. */
  readonly limit?: number | undefined;
  /** Only items with any of these categories. */
  readonly category?: readonly string[] | undefined;
  /** Only items with all of these categories. */
  readonly categoryAll?: readonly string[] | undefined;
  /** No item with any of these categories. */
  readonly categoryNone?: readonly string[] | undefined;
  /** Item ids not to show. */
  readonly exclude?: readonly string[] | undefined;
  /** Only items that this many users interacted with. Default 0. */
  readonly minPopularity?: number | undefined;
  /** Only items of this year or later. */
  readonly yearFrom?: number | undefined;
  /** Only items of this year or earlier. */
  readonly yearTo?: number | undefined;
}

export interface SearchWish {
  /** Beginnings of words of the title; without it, the most popular items. Default "". */
  readonly search?: string | undefined;
  /** Items wanted. Default 20. */
  readonly limit?: number | undefined;
  /** Only items with any of these categories. */
  readonly category?: readonly string[] | undefined;
  /** Only items with all of these categories. */
  readonly categoryAll?: readonly string[] | undefined;
  /** No item with any of these categories. */
  readonly categoryNone?: readonly string[] | undefined;
  /** Item ids not to show. */
  readonly exclude?: readonly string[] | undefined;
  /** Only items that this many users interacted with. Default 0. */
  readonly minPopularity?: number | undefined;
  /** Only items of this year or later. */
  readonly yearFrom?: number | undefined;
  /** Only items of this year or earlier. */
  readonly yearTo?: number | undefined;
}

export interface Event {
  readonly eventId?: string | null | undefined;
  readonly userId: string;
  readonly itemId: string;
  readonly type: "rate" | "play" | "click" | "view" | "remove";
  readonly value?: number | null | undefined;
  readonly minutes?: number | null | undefined;
  readonly share?: number | null | undefined;
  /** ISO 8601, or epoch milliseconds; now, where it is left out. */
  readonly occurredAt?: string | number | null | undefined;
  readonly requestId?: string | null | undefined;
}

export interface ProfileWish {
  readonly ratings: readonly {
    readonly itemId: string;
    /** 0.5 to 5; left out for something watched or liked without a rating. */
    readonly value?: number | null | undefined;
  }[];
  /** Items wanted. Default 20. */
  readonly limit?: number | undefined;
  /** Only items with any of these categories. */
  readonly category?: readonly string[] | undefined;
  /** Only items with all of these categories. */
  readonly categoryAll?: readonly string[] | undefined;
  /** No item with any of these categories. */
  readonly categoryNone?: readonly string[] | undefined;
  /** Item ids not to show. */
  readonly exclude?: readonly string[] | undefined;
  /** Only items that this many users interacted with. Default 0. */
  readonly minPopularity?: number | undefined;
  /** Only items of this year or later. */
  readonly yearFrom?: number | undefined;
  /** Only items of this year or earlier. */
  readonly yearTo?: number | undefined;
  /** 0 ranks by score alone, 1 by how much items differ from those before them. Default 0. */
  readonly diversity?: number | undefined;
  /** Whether items say why. Default true. */
  readonly explain?: boolean | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

export interface Reason {
  readonly id: string;
  readonly title: string;
  /** What it added to the score. */
  readonly contribution: number;
}

export interface RankedItem {
  readonly id: string;
  readonly title: string;
  readonly categories: readonly string[];
  readonly year?: number | undefined;
  readonly score: number;
  /** The user's own items that added most; with `rest` they add up to the score. */
  readonly because?: readonly Reason[] | undefined;
  readonly rest?: number | undefined;
}

export interface FoundItem {
  readonly id: string;
  readonly title: string;
  readonly categories: readonly string[];
  readonly year?: number | undefined;
  /** Interactions with it in the release's data. */
  readonly popularity: number;
}

export interface Verdict {
  /** The event's place in the call, from 0. */
  readonly index: number;
  readonly status: "accepted" | "duplicate" | "rejected";
  readonly eventId?: string | undefined;
  /** Why it was rejected. */
  readonly reason?: string | undefined;
}

export interface Recommendations {
  /** For the `requestId` of events about these items. */
  readonly requestId: string;
  readonly userId?: string | undefined;
  /** The release of every item in the answer. */
  readonly release: string;
  /** What ranked the items. */
  readonly source: "list" | "fold-in" | "trending" | "model" | "fallback";
  /** What completed the answer when its source had too few items. */
  readonly completed?: "list" | "fold-in" | "trending" | "model" | "fallback" | undefined;
  /** Which layers failed and were gone around. */
  readonly degraded?: string | undefined;
  /** Why the answer begins again rather than where its cursor points. */
  readonly restarted?: string | undefined;
  /** The experiments that this answer is part of, and the user's arm in each. */
  readonly experiments?:
    | readonly {
        readonly id: string;
        readonly arm: string;
      }[]
    | undefined;
  readonly unknownCategories?: readonly string[] | undefined;
  readonly unknownItems?: readonly string[] | undefined;
  readonly items: readonly RankedItem[];
  /** `cursor` of the next page. */
  readonly next: string | null;
}

export interface RankedItems {
  /** The release of every item in the answer. */
  readonly release: string;
  /** What ranked the items. */
  readonly source: "list" | "fold-in" | "trending" | "model" | "fallback";
  /** Which layers failed and were gone around. */
  readonly degraded?: string | undefined;
  readonly itemId?: string | undefined;
  readonly items: readonly RankedItem[];
}

export interface FoundItems {
  /** The release of every item in the answer. */
  readonly release: string;
  readonly items: readonly FoundItem[];
}

export interface OneItem {
  /** The release of every item in the answer. */
  readonly release: string;
  readonly id: string;
  readonly title: string;
  readonly categories: readonly string[];
  readonly year?: number | undefined;
  /** Interactions with it in the release's data. */
  readonly popularity: number;
}

export interface ReceivedEvents {
  /** Names the call in the logs. */
  readonly requestId?: string | undefined;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly verdicts: readonly Verdict[];
  /** `after` of the users' next requests; null where that cannot be promised. */
  readonly cursor: string | null;
}

export interface Problem {
  readonly type: string;
  /** A stable code, such as BAD_PARAMETER. */
  readonly title: string;
  readonly status: number;
  /** What is wrong and what to do. */
  readonly detail: string;
}
