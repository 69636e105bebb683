import { byId } from "../element.js";
import { bars } from "./chart/bars.js";
import { showChart } from "./chart/chart.js";
import { lines } from "./chart/lines.js";
import { count, duration, hoursAlong, percent } from "./quantities.js";

/** @typedef {import("./service.js").HourOfTraffic} HourOfTraffic */

/** Names of sources, in the order in which bars are stacked. */
const SOURCES = /** @type {const} */ ({
  list: "List made ahead",
  "fold-in": "Computed just then",
  trending: "Trending",
  fallback: "Fallback",
  none: "None: failed",
});

/** How the service did, by the hour. @param {readonly HourOfTraffic[]} hours */
export function showTraffic(hours) {
  const along = hoursAlong(hours);
  showAnswers(hours, along);
  showTimes("wait", hours, along, "Requests waited");
  showTimes("lag", hours, along, "Events were on their way");
  showFaults(hours, along);
}

/** @typedef {import("./chart/chart.js").Chart["along"]} Along */

/** @param {readonly HourOfTraffic[]} hours @param {Along} along */
function showAnswers(hours, along) {
  const series = Object.entries(SOURCES).map(([source, name]) => {
    const values = hours.map(
      ({ answers }) => answers[/** @type {keyof typeof SOURCES} */ (source)],
    );
    return { name, values };
  });
  const total = sum(series.flatMap(({ values }) => values));
  const own = sum(series.slice(0, 2).flatMap(({ values }) => values));
  const said =
    total === 0
      ? "No list was asked for in the last 24 hours."
      : `${count(total)} lists in 24 hours, ${percent(own / total)} of them personal.`;
  showChart(byId("answers", HTMLDivElement), {
    ...{ said, over: "Hour", along, series, written: count, drawn: bars },
  });
}

/**
 * @param {"wait" | "lag"} what
 * @param {readonly HourOfTraffic[]} hours
 * @param {Along} along
 * @param {string} subject
 */
function showTimes(what, hours, along, subject) {
  const series = /** @type {const} */ (["p50", "p99"]).map((name) => {
    return { name, values: hours.map((hour) => hour[what][name]) };
  });
  const last = hours.findLast((hour) => hour[what].p50 !== null)?.[what];
  const said =
    last === undefined
      ? "Nothing was measured in the last 24 hours."
      : `${subject} ${duration(last.p50 ?? 0)} in the middle, and 1 in 100 longer than ${duration(last.p99 ?? 0)}, in the last hour that has any.`;
  showChart(byId(what, HTMLDivElement), {
    ...{ said, over: "Hour", along, series, written: duration, drawn: lines },
  });
}

/** @param {readonly HourOfTraffic[]} hours @param {Along} along */
function showFaults(hours, along) {
  const series = [
    { name: "Degraded answers", values: hours.map(({ degraded }) => degraded) },
    { name: "Failed requests (5xx)", values: hours.map(({ errors }) => errors) },
    { name: "Rejected events", values: hours.map(({ events }) => events.rejected) },
  ];
  const total = sum(series.flatMap(({ values }) => values));
  const said =
    total === 0
      ? "Nothing degraded, failed or was rejected in the last 24 hours."
      : series.map(({ name, values }) => `${name}: ${count(sum(values))}`).join(". ");
  showChart(byId("faults", HTMLDivElement), {
    ...{ said, over: "Hour", along, series, written: count, drawn: bars },
  });
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((all, value) => all + value, 0);
}
