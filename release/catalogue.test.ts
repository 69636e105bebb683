import fc from "fast-check";
import { expect, test } from "vitest";
import { buildCatalogue, type CatalogueItem, CatalogueView } from "./catalogue.ts";

const text = fc.string({ unit: "binary", maxLength: 24 }).map((value) => value.toWellFormed());
const item: fc.Arbitrary<CatalogueItem> = fc.record({
  itemId: text.filter((value) => value !== ""),
  title: text,
  categories: fc.uniqueArray(fc.constantFrom("Action", "Комедия", "Sci-Fi", "", "🚀"), {
    maxLength: 4,
  }),
  popularity: fc.nat({ max: 0xffffffff }),
  year: fc.option(fc.integer({ min: 1, max: 65_535 })),
});
const items = fc.uniqueArray(item, { selector: ({ itemId }) => itemId, maxLength: 40 });

test("every item is read as it was written, at its own index", () => {
  fc.assert(
    fc.property(items, (written) => {
      const view = CatalogueView.from(buildCatalogue(written));
      expect(view.length).toBe(written.length);
      for (const [index, item] of written.entries()) {
        expect(view.id(index)).toBe(item.itemId);
        expect(view.title(index)).toBe(item.title);
        expect(view.categories(index)).toEqual(item.categories);
        expect(view.popularity(index)).toBe(item.popularity);
        expect(view.year(index)).toBe(item.year ?? undefined);
      }
    }),
  );
});

test("a category named twice counts once, and what 16 bits cannot hold is no year", () => {
  const odd = { title: "", popularity: 0, categories: ["Drama", "Drama"] };
  const years = [-44, 0, 65_535, 65_536];
  const written = years.map((year) => ({ ...odd, itemId: `of ${year}`, year }));
  const view = CatalogueView.from(buildCatalogue(written));
  expect(years.map((_, index) => view.year(index))).toEqual([
    undefined,
    undefined,
    65_535,
    undefined,
  ]);
  expect(view.categories(0)).toEqual(["Drama"]);
});

test("more categories than a catalogue can number are refused, not mixed up", () => {
  const tagged = (count: number) => {
    const categories = Array.from({ length: count }, (_, tag) => `tag ${tag}`);
    return buildCatalogue([{ itemId: "1", title: "", popularity: 0, categories }]);
  };
  expect(CatalogueView.from(tagged(65_536)).categories(0)).toHaveLength(65_536);
  expect(() => tagged(65_537)).toThrow(/65537 different categories/);
});

test("an id leads to its index, and an id that is not there to none", () => {
  fc.assert(
    fc.property(items, text, (written, other) => {
      const view = CatalogueView.from(buildCatalogue(written));
      const ids = written.map(({ itemId }) => itemId);
      for (const [index, id] of ids.entries()) expect(view.indexOf(id)).toBe(index);
      expect(view.indexOf(other)).toBe(ids.indexOf(other));
    }),
  );
});

test("two ids with the same hash are told apart by the ids themselves", () => {
  // Found by search: their 32-bit hashes with seed 0 are equal.
  const ids = ["item-91885", "item-40893", "item-1"];
  const view = CatalogueView.from(buildCatalogue(ids.map(itemOf)));
  for (const [index, id] of ids.entries()) expect(view.indexOf(id)).toBe(index);
});

test("the most popular come first, ties in the order of the catalogue", () => {
  fc.assert(
    fc.property(items, fc.nat({ max: 50 }), (written, k) => {
      const popular = [...CatalogueView.from(buildCatalogue(written)).popular(k)];
      const order = written
        .map((_, index) => index)
        .sort((a, b) => written[b]!.popularity - written[a]!.popularity || a - b);
      expect(popular).toEqual(order.slice(0, k));
    }),
  );
});

test("a catalogue whose inner numbers point outside is refused, even without its checksum", () => {
  const value = buildCatalogue(["a", "b"].map(itemOf));
  const words = new Uint32Array(value);
  // The last section is RANK: two items, 0 and 1.
  words[words.length - 1] = 7;
  expect(() => CatalogueView.from(value, { verify: false })).toThrow("it names item 7 of 2");
});

function itemOf(itemId: string): CatalogueItem {
  return { itemId, title: itemId, categories: [], popularity: 0 };
}
