import { byId } from "../element.js";
import { bars } from "./chart/bars.js";
import { showChart } from "./chart/chart.js";
import { count, percent } from "./quantities.js";

/** @typedef {import("./service.js").Status} Status */

/** What this month has used of what the plan includes. @param {Status["cost"]} cost */
export function showCost({ charges, dollars }) {
  const shares = charges.map(({ used, included }) => used / included);
  const within = Math.max(...shares) <= 1;
  showChart(byId("cost", HTMLDivElement), {
    said: `$${dollars.toFixed(2)} so far this month, the plan's own price included; Postgres is not. Bars show how much of what the plan includes is used.`,
    over: "What",
    along: charges.map(({ what, used, dollars: own }) => {
      return {
        full: `${what}: ${count(Math.round(used))}, $${own.toFixed(2)}`,
        short: what.split(/[ ,]/).at(what.startsWith("KV") ? 1 : 0) ?? what,
      };
    }),
    series: [{ name: "Used of what is included", values: shares }],
    written: percent,
    drawn: bars,
    ...(within ? { most: 1 } : {}),
  });
}
