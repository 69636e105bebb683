import { pick } from "./random.js";

/**
 * The colours of one poster, in oklch: perceived lightness is what the numbers say, so that text
 * keeps its contrast whatever the hue.
 *
 * @typedef {object} Colours
 * @property {string} sky background, top
 * @property {string} ground background, bottom
 * @property {string} main the shape one looks at
 * @property {string} second a shape beside or behind it
 * @property {string} shade the darkest shape
 * @property {string} light the brightest
 * @property {string} ink the title
 */

/** Hue in degrees of the categories that films have; others take one from their name. */
const HUES = /** @type {Readonly<Record<string, number>>} */ ({
  Action: 32,
  Adventure: 150,
  Animation: 215,
  Children: 85,
  Comedy: 75,
  Crime: 260,
  Documentary: 190,
  Drama: 20,
  Fantasy: 305,
  "Film-Noir": 270,
  Horror: 10,
  Musical: 340,
  Mystery: 235,
  Romance: 355,
  "Sci-Fi": 285,
  Thriller: 200,
  War: 110,
  Western: 50,
});

/** @type {readonly ((hue: number, other: number) => Colours)[]} */
const SCHEMES = [
  (hue, other) => ({
    sky: oklch(0.2, 0.06, hue),
    ground: oklch(0.36, 0.11, hue + 12),
    main: oklch(0.72, 0.17, other),
    second: oklch(0.5, 0.15, hue + 25),
    shade: oklch(0.13, 0.03, hue),
    light: oklch(0.93, 0.06, other),
    ink: oklch(0.97, 0.02, other),
  }),
  (hue, other) => ({
    sky: oklch(0.95, 0.025, hue + 40),
    ground: oklch(0.88, 0.06, hue + 20),
    main: oklch(0.6, 0.19, hue),
    second: oklch(0.78, 0.13, other),
    shade: oklch(0.3, 0.07, hue),
    light: oklch(0.99, 0.01, hue),
    ink: oklch(0.24, 0.06, hue),
  }),
  (hue, other) => ({
    sky: oklch(0.5, 0.16, hue),
    ground: oklch(0.4, 0.14, hue - 18),
    main: oklch(0.86, 0.13, other),
    second: oklch(0.6, 0.17, hue + 30),
    shade: oklch(0.22, 0.07, hue - 20),
    light: oklch(0.95, 0.04, other),
    ink: oklch(0.985, 0.01, other),
  }),
  (hue, other) => ({
    sky: oklch(0.28, 0.04, other),
    ground: oklch(0.18, 0.03, other),
    main: oklch(0.68, 0.2, hue),
    second: oklch(0.42, 0.1, other + 20),
    shade: oklch(0.1, 0.02, other),
    light: oklch(0.9, 0.09, hue + 30),
    ink: oklch(0.96, 0.03, hue + 30),
  }),
];

/**
 * Colours for a poster: the first category's hue, shifted a little, against the second's.
 *
 * @param {readonly string[]} categories
 * @param {() => number} random
 * @returns {Colours}
 */
export function coloursOf(categories, random) {
  const hue = hueOf(categories[0] ?? "", random) + (random() - 0.5) * 64;
  const against =
    categories[1] === undefined ? hue + 60 + random() * 120 : hueOf(categories[1], random);
  const apart = Math.abs(((against - hue + 540) % 360) - 180) < 35 ? against + 80 : against;
  return pick(SCHEMES, random)(hue, apart);
}

/**
 * @param {string} category
 * @param {() => number} random
 */
function hueOf(category, random) {
  return HUES[category] ?? random() * 360;
}

/**
 * @param {number} lightness 0..1
 * @param {number} chroma 0..0.37
 * @param {number} hue degrees
 */
function oklch(lightness, chroma, hue) {
  return `oklch(${lightness} ${chroma} ${Math.round(((hue % 360) + 360) % 360)})`;
}
