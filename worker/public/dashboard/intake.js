import { byId } from "../element.js";
import { bars } from "./chart/bars.js";
import { showChart } from "./chart/chart.js";
import { count, hoursAlong } from "./quantities.js";

/** @typedef {import("./service.js").Status} Status */

/** Events stored, by the hour. @param {Status["intake"]} intake */
export function showIntake({ hours, partial }) {
  const values = hours.map(({ events }) => events);
  const total = values.reduce((sum, events) => sum + events, 0);
  const said = `${count(total)} events in ${hours.length} hours, at most ${count(Math.max(...values))} in one.`;
  showChart(byId("intake", HTMLDivElement), {
    said: partial ? `${said} Only the newest 200,000 are counted.` : said,
    over: "Hour",
    along: hoursAlong(hours),
    series: [{ name: "Events", values }],
    written: count,
    drawn: bars,
  });
}
