import { byId, element } from "../element.js";
import { ago, count, percent } from "./quantities.js";

/** @typedef {import("./service.js").Experiment} Experiment */

/**
 * @typedef {object} Actions
 * @property {(experiment: Experiment) => void} start
 * @property {(experiment: Experiment) => void} stop
 * @property {(experiment: Experiment, arm: string) => void} ship
 */

/** What is on the page, as text: it is left alone while it stays the same, and a choice in it too. */
let shown = "";

/**
 * The experiments, newest first: what each compares, who has seen it, and what can be done with it.
 *
 * @param {readonly Experiment[]} experiments
 * @param {Actions} actions
 */
export function showExperiments(experiments, actions) {
  const text = JSON.stringify(experiments);
  if (text === shown) return;
  shown = text;
  const none = element("p", { class: "quiet" }, "No experiments yet. Define the first one below.");
  const cards = experiments.map((experiment) => card(experiment, actions));
  byId("experiments", HTMLElement).replaceChildren(...(cards.length === 0 ? [none] : cards));
}

/** @param {Experiment} experiment @param {Actions} actions */
function card(experiment, actions) {
  const { id, name, mode, primary, plan, verdict, status } = experiment;
  const compares = mode === "split" ? "users split" : "lists interleaved";
  return element(
    "article",
    { class: "experiment", "data-experiment": id },
    element("h3", {}, name, " ", element("small", {}, id)),
    element("p", { class: "state" }, `${stateOf(experiment)}; ${compares}, judged by ${primary}`),
    element("ul", {}, ...experiment.arms.map((arm) => armLine(arm, experiment))),
    status === "draft" && plan !== null ? element("p", {}, plan.sentence) : null,
    verdict === null ? null : element("p", {}, verdict.sentence),
    element("div", { class: "choices" }, ...choices(experiment, actions)),
  );
}

/** @param {Experiment["arms"][number]} arm @param {Experiment} experiment */
function armLine({ name, share, release, parameters }, { mode, exposed }) {
  const { diversity } = parameters;
  const serves = release ?? "what serves everybody";
  const mixed = diversity === undefined ? "" : `, diversity ${diversity}`;
  const seen = mode === "split" ? `; seen by ${count(exposed[name] ?? 0)} users` : "";
  return element("li", {}, element("b", {}, name), ` ${percent(share)}: ${serves}${mixed}${seen}`);
}

/** @param {Experiment} experiment */
function stateOf({ status, startedAt, stoppedAt, shippedArm, mode, exposed }) {
  if (status === "draft") return "Not started";
  const both = mode === "split" ? "" : `, seen by ${count(exposed["interleaved"] ?? 0)} users`;
  if (status === "running") return `Runs since ${ago(startedAt)}${both}`;
  const shipped = shippedArm === null ? "" : `, ${shippedArm} serves everybody`;
  return `Ended ${ago(stoppedAt)}${both}${shipped}`;
}

/** @param {Experiment} experiment @param {Actions} actions */
function choices(experiment, { start, stop, ship }) {
  const { id, status, shippedArm, arms } = experiment;
  const button = (/** @type {string} */ word, /** @type {() => void} */ onclick) =>
    element("button", { type: "button", "aria-label": `${word} ${id}`, onclick }, word);
  if (status === "draft") return [button("Start", () => start(experiment))];
  const results = element("a", { href: `/experiment?id=${encodeURIComponent(id)}` }, "Results");
  if (shippedArm !== null) return [results];
  const arm = element(
    "select",
    { "aria-label": `Arm of ${id} to ship` },
    ...arms.map(({ name }) => element("option", {}, name)),
  );
  const shipping = [arm, button("Ship", () => ship(experiment, arm.value))];
  return status === "running"
    ? [results, button("Stop", () => stop(experiment)), ...shipping]
    : [results, ...shipping];
}
