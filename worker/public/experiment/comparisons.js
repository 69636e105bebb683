import { count } from "../dashboard/quantities.js";
import { byId, svg } from "../element.js";
import { scale } from "./axis.js";
import { change, probability, range } from "./results.js";
import { table } from "./table.js";

/** @typedef {import("./results.js").Results} Results */
/** @typedef {import("./results.js").Comparison} Comparison */

/** What must not become worse. @param {Results} results */
export function showGuardrails({ analysis: { guardrails } }) {
  byId("guardrails-part", HTMLElement).hidden = guardrails.length === 0;
  byId("guardrails", HTMLDivElement).replaceChildren(
    table(
      "Guardrails",
      ["Metric", "Arm", "Effect", "Interval", "", "p", "So far"],
      guardrails.map((each) => [each.metric, each.arm, ...told(each, guardrails), state(each)]),
    ),
  );
}

/** New and returning users apart. @param {Results} results */
export function showSegments({ analysis: { segments } }) {
  byId("segments-part", HTMLElement).hidden = segments.length === 0;
  byId("segments", HTMLDivElement).replaceChildren(
    table(
      "Segments",
      ["Users", "Arm", "In both arms", "Effect", "Interval", "", "p"],
      segments.map((each) => [
        each.segment ?? "",
        each.arm,
        count(each.users.control + each.users.arm),
        ...told(each, segments),
      ]),
    ),
  );
}

/** @param {Comparison} comparison @param {readonly Comparison[]} all @returns {(string | Node)[]} */
function told({ effect, interval, p }, all) {
  if (effect === null || interval === null) return ["–", "too little to tell", "", "–"];
  return [
    change(effect.relative),
    range(interval),
    mark(effect.relative, interval, all),
    probability(p),
  ];
}

/** @param {Comparison} comparison */
function state({ interval }) {
  if (interval === null) return "unknown";
  if (interval.high < 0) return "harmed";
  return interval.low > 0 ? "better" : "no harm shown";
}

/** An interval on a scale that holds all of them and zero. @param {number} value @param {import("./results.js").Interval} interval @param {readonly Comparison[]} all */
function mark(value, { low, high }, all) {
  const ends = all.flatMap((each) =>
    each.interval ? [each.interval.low, each.interval.high] : [],
  );
  const x = scale([Math.min(0, ...ends), Math.max(0, ...ends)], [5, 115]);
  const [from, to, zero] = [low, high, 0].map((end) => x(end).toFixed(1));
  return svg(
    "svg",
    { viewBox: "0 0 120 14", class: "mark", "aria-hidden": "true" },
    svg("path", { class: "zero", d: `M${zero} 0V14` }),
    svg("path", { d: `M${from} 7H${to}M${from} 3v8M${to} 3v8` }),
    svg("circle", { cx: x(value).toFixed(1), cy: 7, r: 3 }),
  );
}
