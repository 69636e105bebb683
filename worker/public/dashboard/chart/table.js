import { element } from "../../element.js";

/** @typedef {import("./chart.js").Chart} Chart */

/** What a chart shows, as a table. @param {Chart} chart */
export function table({ over, along, series, written }) {
  const heading = (/** @type {string} */ name) => element("th", { scope: "col" }, name);
  const rows = along.map(({ full }, place) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, full),
      ...series.map(({ values }) => {
        const value = values[place] ?? null;
        return element("td", {}, value === null ? "–" : written(value));
      }),
    ),
  );
  const names = [over, ...series.map(({ name }) => name)];
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...names.map(heading))),
    element("tbody", {}, ...rows),
  );
}
