import { askResults, askResultsCsv, Refusal, useKey } from "../dashboard/service.js";
import { byId } from "../element.js";
import { showArms } from "./arms.js";
import { showGuardrails, showSegments } from "./comparisons.js";
import { showDistribution } from "./distribution.js";
import { showEffect } from "./effect.js";
import { save } from "./export.js";

/** @typedef {import("./results.js").Results} Results */

/** Between two looks, in ms; nobody looks at a hidden tab. */
const PAUSE = 60_000;

const id = new URLSearchParams(location.search).get("id") ?? "";
const trouble = byId("trouble", HTMLElement);
const keyForm = byId("key-form", HTMLFormElement);
const board = byId("results", HTMLElement);

/** @type {Results | null} */
let shown = null;

async function refresh() {
  if (id === "") {
    trouble.textContent =
      "The address names no experiment: it ends in ?id= and the experiment's id.";
    return;
  }
  try {
    show(await askResults(id));
  } catch (error) {
    refuse(error);
  }
}

/** @param {Results} results */
function show(results) {
  const { experiment, status, analysis, plan, judgedUntil, shippedArm } = results;
  shown = results;
  board.hidden = false;
  keyForm.hidden = true;
  trouble.textContent = "";
  document.title = `Usher: ${experiment.name}`;
  byId("name", HTMLElement).textContent = experiment.name;
  const arms = experiment.arms.map(({ name }) => name).join(", ");
  const shipped = shippedArm === null ? "" : `; ${shippedArm} was shipped`;
  byId("about", HTMLElement).textContent =
    `${status}, day ${analysis.days}; ${experiment.mode} of ${arms}; decided by ${experiment.primary}${shipped}`;
  const verdict = byId("verdict", HTMLElement);
  verdict.textContent = analysis.verdict.sentence;
  verdict.dataset["kind"] = analysis.verdict.kind;
  byId("plan", HTMLElement).textContent = plan === null ? "" : `Planned: ${plan.sentence}`;
  byId("updated", HTMLElement).textContent = `As of ${new Date(judgedUntil).toLocaleString()}`;
  showEffect(results);
  showArms(results);
  showGuardrails(results);
  showSegments(results);
  showDistribution(results);
}

/** @param {unknown} error */
function refuse(error) {
  trouble.textContent = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Refusal) || !error.wantsKey) return;
  board.hidden = true;
  if (!keyForm.hidden) return;
  keyForm.hidden = false;
  byId("key", HTMLInputElement).focus();
}

byId("json", HTMLButtonElement).addEventListener("click", () => {
  save(JSON.stringify(shown, null, 2), "application/json", `${id}.json`);
});
byId("csv", HTMLButtonElement).addEventListener("click", async () => {
  try {
    save(await askResultsCsv(id), "text/csv", `${id}.csv`);
  } catch (error) {
    refuse(error);
  }
});
keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(byId("key", HTMLInputElement).value.trim());
  refresh();
});
setInterval(() => {
  const reading = document.hidden || !keyForm.hidden || document.querySelector("details[open]");
  if (!reading && shown?.status === "running") refresh();
}, PAUSE);

await refresh();
