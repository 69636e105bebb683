import { svg } from "../../element.js";
import { frame } from "./frame.js";

/** @typedef {import("./chart.js").Chart} Chart */

/** A line for each series, with a dot at each value; where nothing is known it breaks. @param {Chart} chart */
export function lines(chart) {
  const { series } = chart;
  const largest = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return frame(chart, largest, ({ x, y }) =>
    series.flatMap(({ values }, at) => {
      let path = "";
      /** @type {SVGElement[]} */
      const dots = [];
      values.forEach((value, place) => {
        if (value === null) return;
        const [left, top] = [x(place).toFixed(1), y(value).toFixed(1)];
        path += `${(values[place - 1] ?? null) === null ? "M" : "L"}${left} ${top}`;
        dots.push(svg("circle", { class: `series-${at}`, cx: left, cy: top, r: 3 }));
      });
      return [svg("path", { class: `line series-${at}`, d: path }), ...dots];
    }),
  );
}
