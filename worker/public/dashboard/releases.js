import { byId, element, svg } from "../element.js";
import { ago, percent, size } from "./quantities.js";

/** @typedef {import("./service.js").Release} Release */
/** @typedef {import("./service.js").Releases} Releases */

const METRICS = ["ndcg@100", "recall@50"];
const HEADINGS = ["Release", "Made", "Model", ...METRICS.map(written), "Size", "Now", ""];

/**
 * The releases, newest first: how good each is with its interval, and what it does now.
 *
 * @param {Releases} releases
 * @param {(release: string) => void} onActivate
 */
export function showReleases(releases, onActivate) {
  const rows = releases.releases.map((release) => row(release, releases, onActivate));
  const none = element(
    "tr",
    {},
    element("td", { colspan: HEADINGS.length }, "No releases yet. usher cycle makes the first."),
  );
  const table = byId("releases", HTMLTableElement);
  const focused = document.activeElement?.closest("[data-release]")?.getAttribute("data-release");
  table.replaceChildren(
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        ...HEADINGS.map((name) =>
          name === "" ? element("td") : element("th", { scope: "col" }, name),
        ),
      ),
    ),
    element("tbody", {}, ...(rows.length === 0 ? [none] : rows)),
  );
  const again = rows.find((row) => row.getAttribute("data-release") === focused);
  again?.querySelector("button")?.focus();
}

/** @param {Release} release @param {Releases} all @param {(release: string) => void} onActivate */
function row(release, all, onActivate) {
  const id = release.release;
  const share = all.serving.find((arm) => arm.release === id)?.share ?? 0;
  const canServe = share < 1 && release.status !== "refused" && all.staged?.release !== id;
  const button = element(
    "button",
    { type: "button", "aria-label": `Activate ${id}`, onclick: () => onActivate(id) },
    "Activate",
  );
  return element(
    "tr",
    { class: share > 0 ? "serving" : "", "data-release": id },
    element("th", { scope: "row" }, id),
    element("td", { title: release.createdAt }, ago(release.createdAt)),
    element("td", {}, release.model ?? ""),
    ...METRICS.map((name) => element("td", {}, metric(name, release, all.releases))),
    element("td", {}, size(release.bytes)),
    element("td", {}, element("span", { class: "does" }, does(release, all, share))),
    element("td", {}, canServe ? button : null),
  );
}

/** @param {Release} release @param {Releases} all @param {number} share */
function does({ release, status }, { previous, staged, refused }, share) {
  if (share > 0) return share === 1 ? "serves everybody" : `serves ${percent(share)}`;
  if (staged?.release === release) return "is being verified";
  if (refused?.release === release) return `refused: ${refused.reason}`;
  return previous === release ? "kept for a rollback" : status;
}

/**
 * A mean with its interval, as numbers and as a mark on a scale that holds the intervals of all.
 *
 * @param {string} name
 * @param {Release} release
 * @param {readonly Release[]} all
 */
function metric(name, release, all) {
  const value = release.metrics[name];
  if (value === undefined) return "–";
  const [low, high] = value.ci95;
  const ends = all.flatMap(({ metrics }) => metrics[name]?.ci95 ?? []);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const x = (/** @type {number} */ at) =>
    (5 + (80 * (at - least)) / (most - least || 1)).toFixed(1);
  return element(
    "div",
    { class: "metric" },
    element("span", {}, value.mean.toFixed(4)),
    element("small", {}, `${low.toFixed(3)} to ${high.toFixed(3)}`),
    svg(
      "svg",
      { viewBox: "0 0 90 12", "aria-hidden": "true" },
      svg("path", { d: "M0 6h90", class: "scale" }),
      svg("path", { d: `M${x(low)} 6H${x(high)}M${x(low)} 2v8M${x(high)} 2v8` }),
      svg("circle", { cx: x(value.mean), cy: 6, r: 3 }),
    ),
  );
}

/** @param {string} name */
function written(name) {
  return name.replace("ndcg", "NDCG").replace("recall", "Recall");
}
