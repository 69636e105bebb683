import { element, svg } from "../element.js";
import { coloursOf } from "./colours.js";
import { pick, randomOf } from "./random.js";
import { alley, castle, desert, forest, horizon, orbit, ridges, skyline } from "./scenes.js";
import {
  balloons,
  blinds,
  burst,
  chevrons,
  embrace,
  frames,
  keyhole,
  sound,
  stage,
  tiles,
  vortex,
} from "./shapes.js";
import { posterTitle } from "./title.js";

/** @typedef {import("./scenes.js").Motif} Motif */

/** What a poster is drawn from. @typedef {{ id: string, title: string, categories: readonly string[], year?: number | undefined }} Pictured */

/** Motifs that suit a category of films; a category of anything else takes one from its name. */
const MOTIFS = /** @type {Readonly<Record<string, readonly Motif[]>>} */ ({
  Action: [burst, chevrons, skyline],
  Adventure: [ridges, desert, horizon],
  Animation: [balloons, tiles],
  Children: [balloons, castle, tiles],
  Comedy: [tiles, balloons, sound],
  Crime: [blinds, alley, skyline],
  Documentary: [frames, ridges, tiles],
  Drama: [stage, embrace, ridges, skyline],
  Fantasy: [castle, forest],
  "Film-Noir": [blinds, alley],
  Horror: [forest, vortex],
  Musical: [sound, stage],
  Mystery: [keyhole, alley, forest],
  Romance: [embrace, skyline, stage],
  "Sci-Fi": [orbit, horizon, vortex],
  Thriller: [vortex, keyhole, skyline],
  War: [chevrons, burst, desert],
  Western: [desert, ridges],
});

const BROAD = new Set(["Action", "Adventure", "Comedy", "Drama", "Thriller"]);
const ALL = [...new Set(Object.values(MOTIFS).flat())];
const FACES = ["poster", "serif", "wide", "light"];

/**
 * A poster drawn from what the catalogue knows of an item: the same item looks the same everywhere,
 * and no picture is fetched.
 *
 * @param {Pictured} item
 * @returns {HTMLElement}
 */
export function poster(item) {
  const random = randomOf(`${item.id} ${item.title}`);
  const categories = telling(item.categories, random);
  const colours = coloursOf(categories, random);
  const motif = pick(motifsOf(categories[0]), random);
  const gradient = `sky-${serial++}`;
  const art = svg(
    "svg",
    { viewBox: "0 0 200 300", "aria-hidden": "true", focusable: "false" },
    svg(
      "linearGradient",
      { id: gradient, x1: 0, y1: 0, x2: 0, y2: 1 },
      svg("stop", { offset: 0.2, "stop-color": colours.sky }),
      svg("stop", { offset: 1, "stop-color": colours.ground }),
    ),
    svg("rect", { width: 200, height: 300, fill: `url(#${gradient})` }),
    svg(
      "g",
      random() < 0.5 ? {} : { transform: "matrix(-1 0 0 1 200 0)" },
      ...motif(colours, random),
    ),
  );
  const title = posterTitle(item.title);
  const words = element(
    "span",
    { class: "poster-words" },
    element("span", { class: "poster-title" }, title),
  );
  if (item.year !== undefined)
    words.append(" ", element("span", { class: "poster-year" }, String(item.year)));
  words.style.color = colours.ink;
  return element(
    "span",
    { class: "poster-art", "data-face": pick(FACES, random), "data-length": lengthOf(title) },
    art,
    words,
  );
}

let serial = 0;

/**
 * Categories with the more telling ones first: half of all films are dramas, few are westerns.
 *
 * @param {readonly string[]} categories
 * @param {() => number} random
 */
function telling(categories, random) {
  const turned = Math.floor(random() * categories.length);
  const mixed = [...categories.slice(turned), ...categories.slice(0, turned)];
  return mixed.sort((a, b) => Number(BROAD.has(a)) - Number(BROAD.has(b)));
}

/** @param {string | undefined} category */
function motifsOf(category) {
  if (category === undefined) return ALL;
  return MOTIFS[category] ?? [pick(ALL, randomOf(category))];
}

/** How large a title can be set: by its longest word and by its whole. @param {string} title */
function lengthOf(title) {
  const word = Math.max(...title.split(/[\s-]+/).map((part) => part.length));
  if (word > 11 || title.length > 38) return "long";
  if (word > 8 || title.length > 18) return "middle";
  return "short";
}
