import { byId, element, svg } from "../element.js";
import { scale, ticks } from "./axis.js";
import { change, probability, range } from "./results.js";
import { tableOnDemand } from "./table.js";

/** @typedef {import("./results.js").Results} Results */
/** @typedef {import("./results.js").DailyEffect} DailyEffect */

const WIDTH = 840;
const HEIGHT = 300;
const LEFT = 84;
const TOP = 14;
const BOTTOM = HEIGHT - 34;
const RIGHT = WIDTH - 34;
/** A band that is wider than this many times the last one would flatten the rest. */
const SHOWN_BANDS = 3;

/** The effect of each arm with its band, day by day. @param {Results} results */
export function showEffect({ experiment, analysis }) {
  const [control, ...others] = experiment.arms.map(({ name }) => name);
  const place = byId("effect", HTMLDivElement);
  if (analysis.daily.length === 0) {
    place.replaceChildren(element("p", { class: "quiet" }, "Too few users to draw yet."));
    return;
  }
  const about =
    experiment.mode === "split"
      ? `${experiment.primary} by user, beside ${control}`
      : `users who prefer it, less those who prefer ${control}`;
  place.replaceChildren(
    element(
      "p",
      { class: "quiet" },
      `The band holds the truth on every day at once, so looking often is safe. Dotted: the least effect worth finding.`,
    ),
    ...others.flatMap((arm) => {
      const days = analysis.daily.filter((each) => each.arm === arm);
      return days.length === 0 ? [] : [figure(arm, about, days, experiment.minimumEffect)];
    }),
  );
}

/** @param {string} arm @param {string} about @param {readonly DailyEffect[]} days @param {number} least */
function figure(arm, about, days, least) {
  const last = /** @type {DailyEffect} */ (days.at(-1));
  const said = `${arm}, ${about}: ${change(last.relative)}, ${range(last.interval)} on ${last.day}.`;
  return element(
    "figure",
    { class: "plot" },
    element("figcaption", {}, element("b", {}, arm), ` ${about}`),
    chart(days, least, said),
    tableOnDemand(
      `The effect of ${arm} by day`,
      ["Day", "Effect", "Interval", "p"],
      days.map((each) => [
        each.day,
        change(each.relative),
        range(each.interval),
        probability(each.p),
      ]),
    ),
  );
}

/** @param {readonly DailyEffect[]} days @param {number} least @param {string} said */
function chart(days, least, said) {
  const [low, high] = bounds(days, least);
  const y = scale([low, high], [BOTTOM, TOP]);
  const x = scale([0, Math.max(1, days.length - 1)], [LEFT, RIGHT]);
  const at = (/** @type {number} */ day, /** @type {number} */ value) =>
    `${x(day).toFixed(1)} ${y(Math.min(high, Math.max(low, value))).toFixed(1)}`;
  const upper = days.map(({ interval }, day) => at(day, interval.high));
  const lower = days.map(({ interval }, day) => at(day, interval.low)).reverse();
  const middle = days.map(({ relative }, day) => at(day, relative));
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "effect", role: "img", "aria-label": said },
    ...ticks(low, high, 5).flatMap((tick) => across(tick, y(tick))),
    svg("path", { class: "band", d: `M${[...upper, ...lower].join("L")}Z` }),
    ...[least, -least].map((edge) =>
      svg("path", { class: "least", d: `M${LEFT} ${y(edge).toFixed(1)}H${RIGHT}` }),
    ),
    svg("path", { class: "zero", d: `M${LEFT} ${y(0).toFixed(1)}H${RIGHT}` }),
    svg("path", { class: "middle", d: `M${middle.join("L")}` }),
    ...middle.map((point) => {
      const [cx, cy] = point.split(" ");
      return svg("circle", { class: "day", cx, cy, r: 3 });
    }),
    ...dayNames(days, x),
  );
}

/** What is shown: the late bands whole, the wide ones of the first days cut. @param {readonly DailyEffect[]} days @param {number} least @returns {[number, number]} */
function bounds(days, least) {
  const last = /** @type {DailyEffect} */ (days.at(-1));
  const half = (last.interval.high - last.interval.low) / 2;
  const lows = days.map(({ interval }) =>
    Math.max(interval.low, last.relative - SHOWN_BANDS * half),
  );
  const highs = days.map(({ interval }) =>
    Math.min(interval.high, last.relative + SHOWN_BANDS * half),
  );
  return [Math.min(-least * 1.2, ...lows), Math.max(least * 1.2, ...highs)];
}

/** @param {number} tick @param {number} y */
function across(tick, y) {
  return [
    svg("path", { class: "rule", d: `M${LEFT} ${y.toFixed(1)}H${RIGHT}` }),
    svg(
      "text",
      { x: LEFT - 8, y: (y + 4).toFixed(1), "text-anchor": "end" },
      tick === 0 ? "0 %" : `${tick > 0 ? "+" : "−"}${Number(Math.abs(tick * 100).toFixed(1))} %`,
    ),
  ];
}

/** @param {readonly DailyEffect[]} days @param {(value: number) => number} x */
function dayNames(days, x) {
  const every = Math.max(1, Math.ceil(days.length / 8));
  return days.flatMap(({ day }, at) =>
    at % every === 0
      ? [svg("text", { x: x(at).toFixed(1), y: HEIGHT - 10, "text-anchor": "middle" }, short(day))]
      : [],
  );
}

/** @param {string} day `2026-01-31` */
function short(day) {
  return new Date(day).toLocaleDateString("en", {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
}
