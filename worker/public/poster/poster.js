import { element, svg } from "../element.js";
import { coloursOf } from "./colours.js";
import { pick, randomOf } from "./random.js";
import { alley, castle, desert, forest, orbit, ridges } from "./scenes.js";
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
import { displayTitle } from "./title.js";

/** @typedef {import("./scenes.js").Motif} Motif */

/** What a poster is drawn from. @typedef {{ id: string, title: string, categories: readonly string[], year?: number | undefined }} Pictured */

/** Motifs that suit a category of films; a category of anything else takes one from its name. */
const MOTIFS = /** @type {Readonly<Record<string, readonly Motif[]>>} */ ({
  Action: [burst, chevrons],
  Adventure: [ridges, desert],
  Animation: [balloons, tiles],
  Children: [balloons, castle],
  Comedy: [tiles, balloons, sound],
  Crime: [blinds, alley],
  Documentary: [frames, ridges],
  Drama: [stage, embrace, ridges, frames],
  Fantasy: [castle, forest],
  "Film-Noir": [blinds, alley],
  Horror: [forest, vortex],
  Musical: [sound, stage],
  Mystery: [keyhole, alley],
  Romance: [embrace, stage],
  "Sci-Fi": [orbit, vortex],
  Thriller: [vortex, keyhole, alley],
  War: [chevrons, burst],
  Western: [desert, ridges],
});

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
  const colours = coloursOf(item.categories, random);
  const motif = pick(motifsOf(item.categories[0]), random);
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
    ...motif(colours, random),
  );
  const title = displayTitle(item.title);
  const words = element(
    "span",
    { class: "poster-words" },
    element("span", { class: "poster-title" }, title),
  );
  if (item.year !== undefined)
    words.append(element("span", { class: "poster-year" }, String(item.year)));
  words.style.color = colours.ink;
  return element(
    "span",
    { class: "poster-art", "data-face": pick(FACES, random), "data-length": lengthOf(title) },
    art,
    words,
  );
}

let serial = 0;

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
