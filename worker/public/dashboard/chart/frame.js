import { svg } from "../../element.js";

/** @typedef {import("./chart.js").Chart} Chart */

/** Drawn narrower on a phone, so that words keep their size. */
const WIDTHS = { desk: 720, phone: 390 };
const HEIGHT = 150;
/** Room for the labels below, and for those of the scale on the left. */
const BELOW = 22;
const LEFT = 60;
/** Room for one label below. */
const LABEL = 46;

/**
 * @typedef {object} Scale
 * @property {(place: number) => number} x middle of a place
 * @property {(value: number) => number} y
 * @property {number} width of a place
 */

/**
 * The frame of a chart, its scale and labels, with what `draw` puts into it.
 *
 * @param {Chart} chart
 * @param {number} largest value that must fit
 * @param {(scale: Scale) => SVGElement[]} draw
 */
export function frame({ said, along, written, most }, largest, draw) {
  const top = most ?? nice(largest);
  const right = matchMedia("(width < 40rem)").matches ? WIDTHS.phone : WIDTHS.desk;
  const width = (right - LEFT) / Math.max(1, along.length);
  const x = (/** @type {number} */ place) => LEFT + (place + 0.5) * width;
  const y = (/** @type {number} */ value) => 8 + HEIGHT * (1 - Math.min(1, value / top));
  const every = Math.ceil(LABEL / width);
  return svg(
    "svg",
    {
      viewBox: `0 0 ${right} ${HEIGHT + BELOW + 8}`,
      class: "chart",
      role: "img",
      "aria-label": said,
    },
    ...[0, top / 2, top].flatMap((value) => [
      svg("path", { d: `M${LEFT} ${y(value)}H${right}`, class: "rule" }),
      svg("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, written(value)),
    ]),
    ...along.flatMap(({ short }, place) =>
      place % every === 0
        ? [svg("text", { x: x(place), y: HEIGHT + BELOW + 4, "text-anchor": "middle" }, short)]
        : [],
    ),
    ...draw({ x, y, width }),
  );
}

/** The next of 1, 2, 4 and 10 times a power of ten: its half reads well too. @param {number} value */
function nice(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 10].find((step) => value <= step * power) ?? 10);
}
