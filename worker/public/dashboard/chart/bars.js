import { svg } from "../../element.js";
import { frame } from "./frame.js";

/** @typedef {import("./chart.js").Chart} Chart */

/** A bar for each place, the series stacked. @param {Chart} chart */
export function bars(chart) {
  const { series, along } = chart;
  const sums = along.map((_, place) =>
    series.reduce((sum, { values }) => sum + (values[place] ?? 0), 0),
  );
  return frame(chart, Math.max(...sums, 0), ({ x, y, width }) =>
    along.flatMap((_, place) => {
      let below = 0;
      return series.flatMap(({ values }, at) => {
        const value = values[place] ?? 0;
        if (value === 0) return [];
        const [top, bottom] = [y(below + value), y(below)];
        below += value;
        return [
          svg("rect", {
            class: `series-${at}`,
            x: (x(place) - width * 0.36).toFixed(1),
            y: top.toFixed(1),
            width: (width * 0.72).toFixed(1),
            height: Math.max(1, bottom - top).toFixed(1),
          }),
        ];
      });
    }),
  );
}
