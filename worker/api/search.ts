import type { CatalogueView } from "../../release/catalogue.ts";
import type { ItemFilter } from "./filter.ts";

/** Titles as one text to search, most popular first: " the matrix\n star wars\n…". */
interface TitleIndex {
  readonly text: string;
  /** Where each title begins, ascending, and the item it names. */
  readonly starts: Uint32Array;
  readonly items: Uint32Array;
}

const indices = new WeakMap<CatalogueView, TitleIndex>();

/**
 * Items whose title has, for each word of the query, a word that begins with it; the most popular
 * first. Case, accents and punctuation do not count. An empty query finds the most popular items.
 */
export function searchTitles(
  catalogue: CatalogueView,
  query: string,
  filter: ItemFilter,
  count: number,
): number[] {
  const words = folded(query).split(" ").filter(Boolean);
  const index = indices.get(catalogue) ?? buildIndex(catalogue);
  indices.set(catalogue, index);
  const found: number[] = [];
  if (words.length === 0 && folded(query) === "" && query.trim() !== "") return found;
  const rarest = rarestOf(index.text, words);
  if (rarest === null) return found;
  for (let at = index.text.indexOf(rarest); at >= 0 && found.length < count; ) {
    const place = placeOf(index.starts, at);
    const end = index.starts[place + 1] ?? index.text.length;
    const title = index.text.slice(index.starts[place]!, end);
    const item = index.items[place]!;
    if (words.every((word) => title.includes(` ${word}`)) && filter.allows(item)) found.push(item);
    at = index.text.indexOf(rarest, end);
  }
  return found;
}

/**
 * The word by which to look, the others being checked at each of its hits: that which comes first
 * latest is likely the rarest. Null when a word is in no title.
 */
function rarestOf(text: string, words: readonly string[]): string | null {
  let rarest = " ";
  let latest = -1;
  for (const word of words) {
    const first = text.indexOf(` ${word}`);
    if (first < 0) return null;
    if (first > latest) {
      rarest = ` ${word}`;
      latest = first;
    }
  }
  return rarest;
}

function buildIndex(catalogue: CatalogueView): TitleIndex {
  const items = catalogue.popular(catalogue.length);
  const starts = new Uint32Array(items.length);
  const titles: string[] = [];
  let length = 0;
  items.forEach((item, place) => {
    const title = ` ${folded(catalogue.title(item))}\n`;
    starts[place] = length;
    titles.push(title);
    length += title.length;
  });
  return { text: titles.join(""), starts, items };
}

/** Lower case without accents; whatever is neither letter nor digit parts words. */
function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** The last title that begins at or before `at`. */
function placeOf(starts: Uint32Array, at: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
