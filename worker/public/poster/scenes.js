/** Motifs that are places: the ground is below, the title above. All draw on 200 x 300. */
import { svg } from "../element.js";
import { pick } from "./random.js";

/** @typedef {import("./colours.js").Colours} Colours */
/** @typedef {(colours: Colours, random: () => number) => SVGElement[]} Motif */

/** @type {Motif} A planet with a ring, and stars. */
export function orbit({ main, second, light, shade }, random) {
  const x = 60 + random() * 80;
  const y = 185 + random() * 35;
  const r = 42 + random() * 26;
  const tilt = -30 + random() * 60;
  const ring = (/** @type {string} */ d) =>
    svg("path", { d, fill: "none", stroke: light, "stroke-width": 3.5 });
  const [rx, ry] = [r * 1.75, r * 0.45];
  return [
    ...stars(26, light, random),
    svg(
      "g",
      { transform: `translate(${x} ${y}) rotate(${tilt})` },
      ring(`M${-rx} 0A${rx} ${ry} 0 0 1 ${rx} 0`),
      svg("circle", { r, fill: main }),
      svg("path", {
        d: `M0 ${-r}A${r} ${r} 0 0 1 0 ${r}A${r * 0.55} ${r} 0 0 0 0 ${-r}`,
        fill: second,
        opacity: 0.55,
      }),
      ring(`M${-rx} 0A${rx} ${ry} 0 0 0 ${rx} 0`),
    ),
    svg("circle", { cx: 200 - x, cy: y - r - 30, r: 6 + random() * 8, fill: shade }),
  ];
}

/** @type {Motif} A large moon behind bare trees. */
export function forest({ main, second, shade }, random) {
  const x = 50 + random() * 100;
  return [
    svg("circle", { cx: x, cy: 170, r: 52 + random() * 22, fill: main }),
    ridge(228, 10, second, random),
    ...Array.from({ length: 11 }, (_, at) => {
      const foot = at * 20 + random() * 12 - 8;
      const height = 60 + random() * 95;
      const half = 7 + random() * 8;
      return svg("path", {
        d: `M${foot - half} 300 ${foot} ${300 - height} ${foot + half} 300z`,
        fill: shade,
      });
    }),
  ];
}

/** @type {Motif} Ridge behind ridge, and a sun. */
export function ridges({ main, second, shade, light }, random) {
  return [
    svg("circle", {
      cx: 40 + random() * 120,
      cy: 150 + random() * 30,
      r: 26 + random() * 18,
      fill: light,
    }),
    ridge(190, 34, second, random),
    ridge(225, 28, main, random),
    ridge(262, 20, shade, random),
  ];
}

/** @type {Motif} Towers against the night. */
export function castle({ main, second, shade, light }, random) {
  const tower = (
    /** @type {number} */ x,
    /** @type {number} */ top,
    /** @type {number} */ width,
  ) => [
    svg("path", {
      d: `M${x} 300V${top}l${width / 2} ${-width * 1.1} ${width / 2} ${width * 1.1}V300z`,
      fill: shade,
    }),
    svg("rect", {
      x: x + width / 2 - 2.5,
      y: top + 14,
      width: 5,
      height: 11,
      rx: 2.5,
      fill: light,
    }),
  ];
  const middle = 66 + random() * 30;
  return [
    ...stars(16, light, random),
    svg("circle", { cx: 30 + random() * 140, cy: 155, r: 30 + random() * 14, fill: main }),
    ridge(250, 24, second, random),
    ...tower(middle - 38, 232 + random() * 20, 24),
    ...tower(middle + 46, 215 + random() * 25, 28),
    ...tower(middle, 180 + random() * 22, 38),
    svg("path", { d: "M0 282h200v18H0z", fill: shade }),
  ];
}

/** @type {Motif} Mesas under a low sun cut into bands. */
export function desert({ main, second, shade }, random) {
  const x = 60 + random() * 80;
  const mesa = (
    /** @type {number} */ from,
    /** @type {number} */ top,
    /** @type {number} */ width,
    /** @type {string} */ fill,
  ) => svg("path", { d: `M${from} 300l8-60 6-${240 - top}h${width}l7 ${240 - top} 10 60z`, fill });
  return [
    svg("circle", { cx: x, cy: 195, r: 62, fill: main }),
    mesa(random() * 60 - 30, 196 + random() * 16, 58, second),
    mesa(105 + random() * 30, 205 + random() * 16, 40, second),
    svg("path", { d: "M0 268q50-14 100-4t100-6v42H0z", fill: shade }),
  ];
}

/** @type {Motif} A lit street between dark walls. */
export function alley({ main, second, shade, light }, random) {
  const x = 85 + random() * 30;
  const windows = Array.from({ length: 7 }, () =>
    svg("rect", {
      x: pick([10, 26, 158, 174], random),
      y: 130 + Math.floor(random() * 8) * 18,
      width: 9,
      height: 11,
      fill: pick([main, light], random),
    }),
  );
  return [
    svg("path", { d: `M${x} 120 30 300h140z`, fill: second }),
    svg("path", { d: `M${x} 150 62 300h76z`, fill: main, opacity: 0.85 }),
    svg("path", { d: "M0 108 48 128V300H0zM200 100l-50 24V300h50z", fill: shade }),
    ...windows,
    svg("path", { d: `M${x - 5} 262q5-34 10 0l4 38h-18z`, fill: shade }),
    svg("circle", { cx: x, cy: 240, r: 5.5, fill: shade }),
  ];
}

/** @type {Motif} A banded sun over a plain of lines. */
export function horizon({ main, second, shade, light }, random) {
  const x = 70 + random() * 60;
  const level = 214 + random() * 14;
  const bands = Array.from({ length: 5 }, (_, at) =>
    svg("rect", {
      x: x - 70,
      y: level - 8 - at * 13,
      width: 140,
      height: 7 - at * 1.2,
      fill: shade,
    }),
  );
  const rays = Array.from(
    { length: 13 },
    (_, at) => `M${x} ${level - 30}L${x + (at - 6) * 62} 300`,
  );
  const rows = [0, 8, 20, 37, 60].map((down) => `M0 ${level + down}H200`);
  return [
    svg("circle", { cx: x, cy: level - 22, r: 60, fill: main }),
    ...bands,
    svg("path", { d: `M0 ${level}h200V300H0z`, fill: shade }),
    svg(
      "svg",
      { x: 0, y: level, width: 200, height: 300 - level, viewBox: `0 ${level} 200 ${300 - level}` },
      svg("path", { d: [...rays, ...rows].join(""), stroke: second, "stroke-width": 1.6 }),
    ),
    svg("circle", { cx: x + 46, cy: level - 92, r: 3, fill: light }),
  ];
}

/** @type {Motif} A town at night, row behind row. */
export function skyline({ main, second, shade, light }, random) {
  const row = (/** @type {number} */ level, /** @type {string} */ fill) => {
    let d = "M0 300";
    for (let x = 0; x < 200; ) {
      const width = 16 + random() * 22;
      d += `V${(level + (random() - 0.5) * 70).toFixed(1)}h${width.toFixed(1)}`;
      x += width;
    }
    return svg("path", { d: `${d}V300z`, fill });
  };
  const windows = Array.from({ length: 16 }, () =>
    svg("rect", {
      x: Math.floor(random() * 20) * 10 + 3,
      y: 262 + Math.floor(random() * 3) * 13,
      width: 4,
      height: 6,
      fill: light,
    }),
  );
  return [
    svg("circle", { cx: 40 + random() * 120, cy: 150, r: 22 + random() * 16, fill: light }),
    row(196, second),
    row(224, main),
    row(258, shade),
    ...windows,
  ];
}

/**
 * A ridge line across the poster, filled to the bottom.
 *
 * @param {number} level
 * @param {number} height
 * @param {string} fill
 * @param {() => number} random
 */
function ridge(level, height, fill, random) {
  const step = 40;
  const peak = () => (level + (random() - 0.5) * 2 * height).toFixed(1);
  let d = `M-20 300V${level}Q-10 ${peak()} 0 ${level}`;
  for (let x = step; x <= 240; x += step) d += `T${x} ${peak()}`;
  return svg("path", { d: `${d}V300z`, fill });
}

/**
 * @param {number} count
 * @param {string} fill
 * @param {() => number} random
 */
function stars(count, fill, random) {
  return Array.from({ length: count }, () =>
    svg("circle", {
      cx: (random() * 200).toFixed(1),
      cy: (95 + random() * 180).toFixed(1),
      r: (0.5 + random() * 1.1).toFixed(1),
      fill,
    }),
  );
}
