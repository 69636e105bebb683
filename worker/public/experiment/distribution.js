import { count } from "../dashboard/quantities.js";
import { byId, element, svg } from "../element.js";
import { scale, ticks } from "./axis.js";
import { tableOnDemand } from "./table.js";

/** @typedef {import("./results.js").Results} Results */

const WIDTH = 840;
const HEIGHT = 260;
const LEFT = 64;
const TOP = 14;
const BOTTOM = HEIGHT - 34;
const GAP = 14;

/** How many users of each arm did how much: bars side by side, as shares of the arm. @param {Results} results */
export function showDistribution({ experiment, analysis }) {
  const bins = analysis.distribution;
  byId("distribution-part", HTMLElement).hidden = bins.length === 0;
  if (bins.length === 0) return;
  const arms = experiment.arms.map(({ name }) => name);
  const froms = [...new Set(bins.map(({ from }) => from))].sort((a, b) => a - b);
  const usersOf = (/** @type {string} */ arm, /** @type {number} */ from) =>
    bins.find((bin) => bin.arm === arm && bin.from === from)?.users ?? 0;
  const totals = arms.map((arm) => froms.reduce((sum, from) => sum + usersOf(arm, from), 0));
  const shares = froms.map((from) =>
    arms.map((arm, at) => usersOf(arm, from) / Math.max(1, totals[at] ?? 0)),
  );
  const said = `Users of each arm by their ${experiment.primary}, in ${froms.length} steps.`;
  byId("distribution", HTMLDivElement).replaceChildren(
    legend(arms),
    chart(froms, shares, said),
    tableOnDemand(
      said,
      [experiment.primary, ...arms],
      froms.map((from) => [named(from), ...arms.map((arm) => count(usersOf(arm, from)))]),
    ),
  );
}

/** @param {readonly string[]} arms */
function legend(arms) {
  return element(
    "ul",
    { class: "legend" },
    ...arms.map((arm, at) =>
      element(
        "li",
        {},
        svg(
          "svg",
          { viewBox: "0 0 12 12", "aria-hidden": "true" },
          svg("rect", { width: 12, height: 12, rx: 3, class: `arm-${at}` }),
        ),
        arm,
      ),
    ),
  );
}

/** @param {readonly number[]} froms @param {readonly (readonly number[])[]} shares by bin and arm @param {string} said */
function chart(froms, shares, said) {
  const most = Math.max(...shares.flat(), 0.01);
  const y = scale([0, most], [BOTTOM, TOP]);
  const step = (WIDTH - LEFT) / froms.length;
  const width = (step - GAP) / (shares[0]?.length ?? 1);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "distribution", role: "img", "aria-label": said },
    ...ticks(0, most, 4).flatMap((tick) => [
      svg("path", { class: "rule", d: `M${LEFT} ${y(tick).toFixed(1)}H${WIDTH}` }),
      svg(
        "text",
        { x: LEFT - 8, y: (y(tick) + 4).toFixed(1), "text-anchor": "end" },
        `${Math.round(tick * 100)} %`,
      ),
    ]),
    ...froms.flatMap((from, bin) => {
      const left = LEFT + bin * step + GAP / 2;
      const bars = (shares[bin] ?? []).map((share, at) =>
        svg("rect", {
          class: `arm-${at}`,
          x: (left + at * width).toFixed(1),
          y: y(share).toFixed(1),
          width: Math.max(1, width - 2).toFixed(1),
          height: (BOTTOM - y(share)).toFixed(1),
          rx: 3,
        }),
      );
      const middle = (left + (step - GAP) / 2).toFixed(1);
      return [
        ...bars,
        svg("text", { x: middle, y: HEIGHT - 10, "text-anchor": "middle" }, named(from)),
      ];
    }),
  );
}

/** A bin goes to the next power of two. @param {number} from */
function named(from) {
  if (from <= 1) return String(from);
  return `${count(from)} to ${count(from * 2 - 1)}`;
}
