import type { ItemFilter } from "./filter.ts";
import { type Taste, withReasons } from "./fold-in.ts";
import { decodePageStart, encodePageStart, MOST_PAGED, questionOf } from "./page-cursor.ts";
import type {
  Asked,
  Degradations,
  RankedItem,
  Recommendations,
  Source,
} from "./recommendations.ts";
import type { ServedRelease } from "./served-release.ts";
import type { Wish } from "./wish.ts";

/** All items of an answer and of the pages before it, in order. */
export interface Ranking {
  readonly items: readonly RankedItem[];
  readonly source: Source;
  readonly completed: Source | null;
  /** What ranked: pages continue only where it is the same. */
  readonly kind: string;
  /** What of it changes without the release and lets pages continue all the same. */
  readonly filling?: string;
  /** With whose taste items can be explained, or null. */
  readonly taste: Taste | null;
  /** How its items are explained, where one taste does not explain them all. */
  readonly explain?: (items: readonly RankedItem[]) => readonly RankedItem[];
}

/** Where a page begins in the ranking of which release. */
export interface Page {
  readonly release: ServedRelease;
  readonly question: string;
  readonly position: number;
  /** What ranked the pages before, or null for the first page. */
  readonly kind: string | null;
  readonly restarted: string | null;
}

/**
 * Where to begin: a cursor keeps to the release that it began with for as long as KV has it.
 *
 * @param active what serves now.
 * @param subject whom the question is about.
 * @throws Problem 400 when the cursor is not one of ours, or continues another question.
 */
export async function openPage(
  { store, waitUntil }: Asked,
  active: ServedRelease,
  subject: string,
  wish: Wish,
): Promise<Page> {
  const question = questionOf(subject, wish);
  const first = { release: active, question, position: 0, kind: null, restarted: null };
  if (wish.cursor === undefined) return first;
  const { release, position, variant } = decodePageStart(wish.cursor, question);
  if (release === active.id) return { ...first, position, kind: variant };
  try {
    const pinned = await store.release(release, waitUntil);
    return { ...first, release: pinned, position, kind: variant };
  } catch {
    return { ...first, restarted: `release ${release}, which ranked the pages before, is gone` };
  }
}

/** Cuts the page out of its ranking, explains its items and says where the next one begins. */
export function pageOf(
  page: Page,
  ranking: Ranking,
  wish: Wish,
  filter: ItemFilter,
  degradations: Degradations,
): Recommendations {
  const continues = page.kind === null || page.kind === ranking.kind;
  const from = continues ? page.position : 0;
  const shown = ranking.items.slice(from, from + wish.limit);
  const items = wish.explain ? explained(ranking, shown) : shown;
  const position = from + items.length;
  const more = items.length === wish.limit && position + wish.limit <= MOST_PAGED;
  const { release, question } = page;
  const variant = [
    ranking.kind,
    ranking.completed ?? "",
    ranking.filling ?? "",
    wish.explain && ranking.taste === null ? "x" : "",
  ];
  return {
    release,
    source: ranking.source,
    completed: ranking.completed,
    items,
    degraded: degradations.text,
    variant: variant.filter((part) => part !== "").join("-"),
    next: more
      ? encodePageStart({ release: release.id, position, question, variant: ranking.kind })
      : null,
    exposures: [],
    rival: null,
    restarted: continues ? page.restarted : "what ranked the pages before has changed since",
    unknownCategories: filter.unknownCategories,
  };
}

function explained(
  { taste, explain }: Ranking,
  shown: readonly RankedItem[],
): readonly RankedItem[] {
  if (explain !== undefined) return explain(shown);
  return taste === null ? shown : withReasons(taste, shown);
}
