import { byId } from "../element.js";
import { bars } from "./chart/bars.js";
import { showChart } from "./chart/chart.js";
import { lines } from "./chart/lines.js";
import { ago, count } from "./quantities.js";

/** @typedef {import("./service.js").Releases} Releases */
/** @typedef {import("./service.js").Status} Status */

const METRICS = /** @type {const} */ ({ "ndcg@100": "NDCG@100", "recall@50": "Recall@50" });
/** Over it the ratings are those of another population. */
const MOST_DRIFT = 0.25;

/**
 * How good the releases were, one after the other, from how much data, and how that drifted.
 *
 * @param {Releases} releases
 * @param {Status["drift"]} drift
 */
export function showQuality({ releases }, drift) {
  const inOrder = releases.toReversed();
  const newest = inOrder.at(-1);
  showChart(byId("quality", HTMLDivElement), {
    said:
      newest === undefined
        ? "There is no release to measure yet."
        : `${inOrder.length === 1 ? "1 release; it has" : `${inOrder.length} releases; the newest has`} ${Object.entries(
            METRICS,
          )
            .map(([key, name]) => `${name} ${score(newest.metrics[key]?.mean ?? null)}`)
            .join(" and ")} on users it has never seen.`,
    over: "Release",
    along: inOrder.map(({ release, createdAt }) => place(release, createdAt)),
    series: Object.entries(METRICS).map(([key, name]) => {
      return { name, values: inOrder.map(({ metrics }) => metrics[key]?.mean ?? null) };
    }),
    written: score,
    drawn: lines,
  });
  const data = {
    over: "Release",
    along: drift.map(({ release, createdAt }) => place(release, createdAt)),
    drawn: bars,
  };
  const last = drift.at(-1);
  showChart(byId("data", HTMLDivElement), {
    ...data,
    said:
      last === undefined
        ? "No dataset yet."
        : `The newest release learned from ${count(last.interactions)} interactions, taken ${ago(last.takenAt)}.`,
    series: [{ name: "Interactions", values: drift.map(({ interactions }) => interactions) }],
    written: count,
  });
  const values = drift.map(({ ratingPsi }) => ratingPsi);
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  showChart(byId("drift", HTMLDivElement), {
    ...data,
    said: values.every((value) => value === null)
      ? "Two releases are needed to compare their data."
      : `The distribution of ratings moved by at most ${score(largest)} from one release to the next (stability index; over ${MOST_DRIFT} it is another population).`,
    series: [{ name: "Stability index", values }],
    written: score,
    most: Math.max(MOST_DRIFT * 2, largest),
  });
}

/** @param {string} release @param {string} createdAt */
function place(release, createdAt) {
  const short = new Date(createdAt).toLocaleDateString("en", { month: "short", day: "numeric" });
  return { full: release, short };
}

/** @param {number | null} value */
function score(value) {
  return value === null ? "unknown" : value.toFixed(3);
}
