import fc from "fast-check";
import { expect, test } from "vitest";
import { coloursOf } from "./colours.js";
import { randomOf } from "./random.js";
import { displayTitle, posterTitle } from "./title.js";

const CATEGORIES = ["Action", "Comedy", "Documentary", "Film-Noir", "Sci-Fi", "of my own"];
const anyText = fc.string({ unit: "grapheme" });
const anyCategories = fc.array(fc.constantFrom(...CATEGORIES), { maxLength: 4 });

test("a title can be read on its poster, whatever the item", () => {
  fc.assert(
    fc.property(anyText, anyCategories, (text, categories) => {
      const { ink, sky } = coloursOf(categories, randomOf(text));
      expect(contrast(ink, sky)).toBeGreaterThanOrEqual(4.5);
    }),
    { numRuns: 2000 },
  );
});

test("the same item has the same colours everywhere, and different items seldom share them", () => {
  const coloursOfItem = (id: number) => JSON.stringify(coloursOf(["Drama"], randomOf(`${id}`)));
  const ids = Array.from({ length: 200 }, (_, id) => id);
  expect(ids.map(coloursOfItem)).toEqual(ids.map(coloursOfItem));
  expect(new Set(ids.map(coloursOfItem)).size).toBeGreaterThan(190);
});

test.each([
  ["Matrix, The (1999)", "The Matrix"],
  ["Bug's Life, A (1998)", "A Bug's Life"],
  ["Avventura, L' (Adventure, The) (1960)", "L'Avventura (Adventure, The)"],
  [
    "City of Lost Children, The (Cité des enfants perdus, La)",
    "The City of Lost Children (Cité des enfants perdus, La)",
  ],
  ["2001: A Space Odyssey", "2001: A Space Odyssey"],
  ["1984 (1984)", "1984"],
  ["(1999)", "(1999)"],
  ["Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"],
])("%s is shown as %s", (kept, shown) => {
  expect(displayTitle(kept)).toBe(shown);
});

test.each([
  [
    "Raiders of the Lost Ark (Indiana Jones and the Raiders of the Lost Ark) (1981)",
    "Raiders of the Lost Ark",
  ],
  ["City of Lost Children, The (Cité des enfants perdus, La) (1995)", "The City of Lost Children"],
  ["(500) Days of Summer (2009)", "(500) Days of Summer"],
  ["(Untitled)", "(Untitled)"],
])("%s is %s on its poster", (kept, shown) => {
  expect(posterTitle(kept)).toBe(shown);
});

/** WCAG 2.2's contrast of two oklch() colours. */
function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}

/** Relative luminance of a colour as a screen shows it: out-of-gamut channels are clipped. */
function luminance(oklch: string): number {
  const [lightness, chroma, hue] = oklch.match(/[\d.]+/g)!.map(Number) as [number, number, number];
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s;
  const [r, g, u] = [red, green, blue].map((channel) => Math.min(1, Math.max(0, channel)));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * u!;
}
