import { byId, element } from "../element.js";

/** @typedef {import("./api.js").Answer} Answer */

/** Where the items came from, in words. */
const SOURCES = /** @type {Readonly<Record<string, string>>} */ ({
  list: "list made ahead",
  "fold-in": "computed just now",
  trending: "trending",
  fallback: "fallback list",
});

/** What the last answer took, where it came from, which release made it. @param {Answer} answer */
export function showMeter(answer) {
  const { milliseconds, source, release, degraded } = answer;
  const time = milliseconds < 10 ? milliseconds.toFixed(1) : String(Math.round(milliseconds));
  byId("meter", HTMLElement).replaceChildren(
    ...pair("answered in", `${time} ms`),
    ...pair("source", SOURCES[source] ?? source),
    ...pair("release", release),
    ...(degraded === undefined ? [] : pair("degraded", degraded)),
  );
}

/** @param {string} term @param {string} value */
function pair(term, value) {
  return [element("div", {}, element("dt", {}, term), element("dd", {}, value))];
}
