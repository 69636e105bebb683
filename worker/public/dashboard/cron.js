import { byId, element } from "../element.js";
import { ago, count } from "./quantities.js";

/** @typedef {import("./service.js").Status} Status */

/** The last run of each kind. @param {Status["cron"]} runs */
export function showCron(runs) {
  const heading = (/** @type {string} */ name) => element("th", { scope: "col" }, name);
  const rows = runs.map(({ run, at, outcome, milliseconds }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, run),
      element("td", { title: at }, ago(at)),
      element("td", {}, outcome),
      element("td", {}, `${count(milliseconds)} ms`),
    ),
  );
  const none = element("tr", {}, element("td", { colspan: 4 }, "No run has left a record yet."));
  byId("cron", HTMLTableElement).replaceChildren(
    element("thead", {}, element("tr", {}, ...["Run", "When", "Outcome", "Took"].map(heading))),
    element("tbody", {}, ...(rows.length === 0 ? [none] : rows)),
  );
}
