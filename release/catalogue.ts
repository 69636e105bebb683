/** The catalogue: what a release's item indices mean. FORMAT.md, "Catalogue". */
import { Sections, writeContainer } from "./container.ts";
import { UsherError } from "./error.ts";
import { hashId } from "./hash.ts";

/** The format version that this code writes and reads. */
export const CATALOGUE_VERSION = 1;
const KIND = { magic: "USHC", version: CATALOGUE_VERSION, name: "catalogue" };
const HASH_SEED = 0;
/** A year of 0 says that none is known. */
const NO_YEAR = 0;
const LATEST_YEAR = 65_535;
/** Numbers of categories have 16 bits. */
const MOST_CATEGORIES = 65_536;

/** One item as the catalogue is built from it; its position is its index. */
export interface CatalogueItem {
  readonly itemId: string;
  readonly title: string;
  readonly categories: readonly string[];
  /** Interactions with the item in the release's dataset. */
  readonly popularity: number;
  readonly year?: number | null;
}

/**
 * Writes a catalogue; an item's position in `items` is its index. A category that an item names twice
 * is kept once, and a year that 16 bits cannot hold is not known.
 *
 * @throws UsherError `TOO_MANY_CATEGORIES`.
 */
export function buildCatalogue(items: readonly CatalogueItem[]): ArrayBuffer {
  const names = [...new Set(items.flatMap((item) => item.categories))].sort();
  if (names.length > MOST_CATEGORIES) throw tooManyCategories(names.length);
  const numbers = new Map(names.map((name, number) => [name, number]));
  const members = items.map(({ categories }) =>
    Array.from(new Set(categories), (name) => numbers.get(name)!),
  );
  const byHash = items
    .map((item, index) => ({ ...hashId(item.itemId, HASH_SEED), index }))
    .sort((a, b) => a.hi - b.hi || a.index - b.index);
  const byPopularity = items
    .map((item, index) => ({ popularity: item.popularity, index }))
    .sort((a, b) => b.popularity - a.popularity || a.index - b.index);
  return writeContainer(KIND, {
    INFO: Uint32Array.of(items.length, names.length),
    ...strings(
      ["IDOF", "IDTX"],
      items.map((item) => item.itemId),
    ),
    ...strings(
      ["TIOF", "TITX"],
      items.map((item) => item.title),
    ),
    ...strings(["CAOF", "CATX"], names),
    MEOF: runningSums(members.map((list) => list.length)),
    MEMB: Uint16Array.from(members.flat()),
    POPU: Uint32Array.from(items, (item) => item.popularity),
    YEAR: Uint16Array.from(items, ({ year }) => {
      return year != null && year > 0 && year <= LATEST_YEAR ? year : NO_YEAR;
    }),
    HASH: Uint32Array.from(byHash, (entry) => entry.hi),
    HIDX: Uint32Array.from(byHash, (entry) => entry.index),
    RANK: Uint32Array.from(byPopularity, (entry) => entry.index),
  });
}

function tooManyCategories(count: number): UsherError {
  return new UsherError(
    "TOO_MANY_CATEGORIES",
    `The items have ${count} different categories; a catalogue holds ${MOST_CATEGORIES}. Leave out what names single items, such as tags that anybody may write.`,
  );
}

/** Strings as one run of UTF-8 and the offsets between them. */
function strings(tags: readonly [string, string], values: readonly string[]) {
  const encoder = new TextEncoder();
  const encoded = values.map((value) => encoder.encode(value));
  const offsets = runningSums(encoded.map((bytes) => bytes.length));
  const text = new Uint8Array(offsets[values.length]!);
  for (const [index, bytes] of encoded.entries()) text.set(bytes, offsets[index]!);
  return { [tags[0]]: offsets, [tags[1]]: text };
}

/** 0, a, a+b, …: n + 1 offsets of n lengths. */
function runningSums(lengths: readonly number[]): Uint32Array<ArrayBuffer> {
  const sums = new Uint32Array(lengths.length + 1);
  for (const [index, length] of lengths.entries()) sums[index + 1] = sums[index]! + length;
  return sums;
}

/** A run of strings inside a buffer, each decoded when first asked for. */
class StringTable {
  readonly length: number;
  readonly #offsets: Uint32Array;
  readonly #text: Uint8Array;
  readonly #decoded: (string | undefined)[];
  static readonly #decoder = new TextDecoder();

  constructor(sections: Sections, tags: readonly [string, string], count: number) {
    this.length = count;
    this.#text = sections.get(tags[1], "u8", sections.count(tags[1], "u8"));
    this.#offsets = ascendingOffsets(sections, tags[0], count, this.#text.length);
    this.#decoded = new Array<string | undefined>(count);
  }

  at(index: number): string {
    const known = this.#decoded[index];
    if (known !== undefined) return known;
    const bytes = this.#text.subarray(this.#offsets[index]!, this.#offsets[index + 1]!);
    const text = StringTable.#decoder.decode(bytes);
    this.#decoded[index] = text;
    return text;
  }
}

/** A catalogue, read in place; strings are decoded when first asked for, and kept. */
export class CatalogueView {
  /** Items in it. */
  readonly length: number;
  readonly #ids: StringTable;
  readonly #titles: StringTable;
  readonly #names: StringTable;
  readonly #memberOffsets: Uint32Array;
  readonly #members: Uint16Array;
  readonly #popularity: Uint32Array;
  readonly #years: Uint16Array;
  readonly #hashes: Uint32Array;
  readonly #hashIndices: Uint32Array;
  readonly #ranking: Uint32Array;

  private constructor(sections: Sections) {
    const [items = 0, categories = 0] = sections.get("INFO", "u32", 2);
    this.length = items;
    this.#ids = new StringTable(sections, ["IDOF", "IDTX"], items);
    this.#titles = new StringTable(sections, ["TIOF", "TITX"], items);
    this.#names = new StringTable(sections, ["CAOF", "CATX"], categories);
    this.#members = sections.get("MEMB", "u16", sections.count("MEMB", "u16"));
    this.#memberOffsets = ascendingOffsets(sections, "MEOF", items, this.#members.length);
    this.#popularity = sections.get("POPU", "u32", items);
    this.#years = sections.get("YEAR", "u16", items);
    this.#hashes = sections.get("HASH", "u32", items);
    this.#hashIndices = sections.get("HIDX", "u32", items);
    this.#ranking = sections.get("RANK", "u32", items);
    requireBelow(sections, this.#members, categories, "category");
    requireBelow(sections, this.#hashIndices, items, "item");
    requireBelow(sections, this.#ranking, items, "item");
  }

  /**
   * Lays a view over a catalogue's bytes.
   *
   * @throws UsherError `VALUE_DAMAGED`, `VALUE_VERSION`.
   */
  static from(buffer: ArrayBuffer, { verify = true } = {}): CatalogueView {
    return new CatalogueView(new Sections(buffer, KIND, verify));
  }

  /** The customer's id of an item. */
  id(index: number): string {
    return this.#ids.at(index);
  }

  title(index: number): string {
    return this.#titles.at(index);
  }

  categories(index: number): string[] {
    return Array.from(this.categoryNumbers(index), (number) => this.#names.at(number));
  }

  /** Names of all categories; a category's position is its number. */
  categoryNames(): string[] {
    return Array.from({ length: this.#names.length }, (_, number) => this.#names.at(number));
  }

  /** Numbers of an item's categories: a view, not a copy. */
  categoryNumbers(index: number): Uint16Array {
    return this.#members.subarray(this.#memberOffsets[index]!, this.#memberOffsets[index + 1]!);
  }

  /** Interactions with the item in the release's dataset. */
  popularity(index: number): number {
    return this.#popularity[index]!;
  }

  year(index: number): number | undefined {
    const year = this.#years[index]!;
    return year === NO_YEAR ? undefined : year;
  }

  /** The `k` most popular items, most popular first. */
  popular(k: number): Uint32Array {
    return this.#ranking.subarray(0, k);
  }

  /** The index of an item id, or -1; a binary search over hashes, settled by the string itself. */
  indexOf(itemId: string): number {
    const { hi } = hashId(itemId, HASH_SEED);
    let at = firstNotBelow(this.#hashes, hi);
    for (; at < this.length && this.#hashes[at] === hi; at++) {
      const index = this.#hashIndices[at]!;
      if (this.id(index) === itemId) return index;
    }
    return -1;
  }
}

function firstNotBelow(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Offsets that a reader may trust: they rise from 0 to the length of what they divide. */
function ascendingOffsets(
  sections: Sections,
  tag: string,
  count: number,
  length: number,
): Uint32Array {
  const offsets = sections.get(tag, "u32", count + 1);
  let rising = offsets[0] === 0 && offsets[count] === length;
  for (let index = 0; index < count; index++) rising &&= offsets[index]! <= offsets[index + 1]!;
  if (!rising)
    throw sections.damaged(`the offsets in its section "${tag}" do not rise to ${length}`);
  return offsets;
}

function requireBelow(
  sections: Sections,
  values: Uint16Array | Uint32Array,
  limit: number,
  what: string,
): void {
  for (const value of values) {
    if (value >= limit) throw sections.damaged(`it names ${what} ${value} of ${limit}`);
  }
}
