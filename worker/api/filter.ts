import type { CatalogueView } from "../../release/catalogue.ts";
import type { Filter } from "./wish.ts";

/** A filter over one release's catalogue. */
export interface ItemFilter {
  /** Lets everything pass. */
  readonly open: boolean;
  allows(index: number): boolean;
  /** Category names asked for that the catalogue does not have. */
  readonly unknownCategories: readonly string[];
}

const OPEN: ItemFilter = { open: true, allows: () => true, unknownCategories: [] };

/** Whether a filter lets everything pass, whatever the catalogue. */
function isOpen(filter: Filter): boolean {
  return (
    filter.exclude.length === 0 &&
    filter.category.length === 0 &&
    filter.categoryAll.length === 0 &&
    filter.categoryNone.length === 0 &&
    filter.minPopularity === 0 &&
    filter.yearFrom === undefined &&
    filter.yearTo === undefined
  );
}

/**
 * Resolves names and ids to a catalogue's numbers once, so that asking for an item is cheap.
 *
 * An item without a known year passes no bound of years. Ids that the catalogue does not have
 * exclude nothing.
 */
export function itemFilter(catalogue: CatalogueView, filter: Filter): ItemFilter {
  if (isOpen(filter)) return OPEN;
  const categories = new CategoryNumbers(catalogue);
  const any = categories.of(filter.category);
  const all = categories.of(filter.categoryAll);
  const none = categories.of(filter.categoryNone);
  const impossible = all.size < new Set(filter.categoryAll).size;
  const excluded = new Set(filter.exclude.map((itemId) => catalogue.indexOf(itemId)));
  const wantsAny = filter.category.length > 0;
  const byCategory = wantsAny || all.size > 0 || none.size > 0;
  const { minPopularity, yearFrom, yearTo } = filter;

  const categoriesAllow = (index: number) => {
    let hasAny = !wantsAny;
    let ofAll = 0;
    for (const number of catalogue.categoryNumbers(index)) {
      if (none.has(number)) return false;
      if (any.has(number)) hasAny = true;
      if (all.has(number)) ofAll++;
    }
    return hasAny && ofAll === all.size;
  };
  const yearAllows = (index: number) => {
    if (yearFrom === undefined && yearTo === undefined) return true;
    const year = catalogue.year(index);
    return year !== undefined && year >= (yearFrom ?? 0) && year <= (yearTo ?? year);
  };
  return {
    open: false,
    unknownCategories: categories.unknown,
    allows: (index) =>
      !impossible &&
      !excluded.has(index) &&
      catalogue.popularity(index) >= minPopularity &&
      yearAllows(index) &&
      (!byCategory || categoriesAllow(index)),
  };
}

/** Categories by name; what the catalogue does not have is remembered. */
class CategoryNumbers {
  readonly unknown: string[] = [];
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(catalogue: CatalogueView) {
    this.#numbers = new Map(catalogue.categoryNames().map((name, number) => [name, number]));
  }

  of(names: readonly string[]): Set<number> {
    const numbers = new Set<number>();
    for (const name of names) {
      const number = this.#numbers.get(name);
      if (number === undefined) this.unknown.push(name);
      else numbers.add(number);
    }
    return numbers;
  }
}

/** The same filter without some items as well. */
export function withoutItems(filter: ItemFilter, items: ArrayLike<number>): ItemFilter {
  if (items.length === 0) return filter;
  const hidden = new Set(Array.from(items));
  return {
    open: false,
    unknownCategories: filter.unknownCategories,
    allows: (index) => !hidden.has(index) && filter.allows(index),
  };
}
