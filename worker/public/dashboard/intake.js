import { byId, element, svg } from "../element.js";
import { count } from "./quantities.js";

/** @typedef {import("./service.js").Status} Status */

const HEIGHT = 120;
const STEP = 30;

/** Events by the hour: bars to look at, and the same as a table. @param {Status["intake"]} intake */
export function showIntake({ hours, partial }) {
  const place = byId("intake", HTMLDivElement);
  const open = place.querySelector("details")?.open ?? false;
  const most = Math.max(1, ...hours.map(({ events }) => events));
  const total = hours.reduce((sum, { events }) => sum + events, 0);
  const said = `${count(total)} events in ${hours.length} hours, at most ${count(most)} in one.`;
  place.replaceChildren(
    element(
      "p",
      { class: "quiet" },
      partial ? `${said} Only the newest 200,000 are counted.` : said,
    ),
    svg(
      "svg",
      {
        viewBox: `0 0 ${hours.length * STEP} ${HEIGHT + 20}`,
        class: "bars",
        role: "img",
        "aria-label": said,
      },
      ...hours.flatMap(({ hour, events }, at) => bar(hour, (events / most) * HEIGHT, at)),
    ),
    table(hours, open),
  );
}

/** @param {string} hour @param {number} height @param {number} at */
function bar(hour, height, at) {
  const y = HEIGHT - height;
  const label = svg(
    "text",
    { x: at * STEP + STEP / 2, y: HEIGHT + 16, "text-anchor": "middle" },
    hourOf(hour),
  );
  return [
    svg("rect", { x: at * STEP + 4, y, width: STEP - 8, height: Math.max(height, 1), rx: 3 }),
    ...(at % 3 === 0 ? [label] : []),
  ];
}

/** @param {Status["intake"]["hours"]} hours @param {boolean} open */
function table(hours, open) {
  const rows = hours.map(({ hour, events }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, new Date(hour).toLocaleString()),
      element("td", {}, count(events)),
    ),
  );
  return element(
    "details",
    { open },
    element("summary", {}, "As a table"),
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("th", { scope: "col" }, "Hour"),
          element("th", { scope: "col" }, "Events"),
        ),
      ),
      element("tbody", {}, ...rows),
    ),
  );
}

/** @param {string} hour ISO 8601 */
function hourOf(hour) {
  return `${String(new Date(hour).getHours()).padStart(2, "0")}h`;
}
