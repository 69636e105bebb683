import { byId } from "../element.js";
import { confirmed } from "./confirm.js";
import { showCost } from "./cost.js";
import { showCron } from "./cron.js";
import { offerReleases, openExperimentForm } from "./experiment-form.js";
import { showExperiments } from "./experiments.js";
import { showFacts } from "./facts.js";
import { showIntake } from "./intake.js";
import { showQuality } from "./quality.js";
import { showReleases } from "./releases.js";
import {
  activate,
  askExperiments,
  askReleases,
  askStatus,
  changeExperiment,
  defineExperiment,
  Refusal,
  rollBack,
  useKey,
} from "./service.js";
import { showTraffic } from "./traffic.js";

/** @typedef {import("./service.js").Releases} Releases */

/** Between two looks, in ms; nobody looks at a hidden tab. */
const PAUSE = 5_000;

const trouble = byId("trouble", HTMLElement);
const updated = byId("updated", HTMLElement);
const keyForm = byId("key-form", HTMLFormElement);
const rollbackButton = byId("rollback", HTMLButtonElement);

/** @type {Releases | null} */
let shown = null;

async function refresh() {
  try {
    const [releases, status, { experiments }] = await Promise.all([
      askReleases(),
      askStatus(),
      askExperiments(),
    ]);
    show(releases, status);
    offerReleases(releases);
    showExperiments(experiments, { start: onStart, stop: onStop, ship: onShip });
  } catch (error) {
    refuse(error);
  }
}

/** @param {Releases} releases @param {import("./service.js").Status} status */
function show(releases, status) {
  shown = releases;
  byId("board", HTMLElement).hidden = false;
  keyForm.hidden = true;
  trouble.textContent = "";
  rollbackButton.disabled = releases.previous === null;
  showFacts(releases, status);
  showReleases(releases, onActivate);
  showTraffic(status.traffic);
  showQuality(releases, status.drift);
  showIntake(status.intake);
  showCost(status.cost);
  showCron(status.cron);
  updated.textContent = `As of ${new Date().toLocaleTimeString()}`;
}

/** @param {unknown} error */
function refuse(error) {
  trouble.textContent = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Refusal) || !error.wantsKey) return;
  byId("board", HTMLElement).hidden = true;
  if (!keyForm.hidden) return;
  keyForm.hidden = false;
  byId("key", HTMLInputElement).focus();
}

/** @param {string} release */
async function onActivate(release) {
  const says = `${servingNow()} serves now. Every location follows within a minute.`;
  if (await confirmed(`Activate ${release}?`, says, "Activate"))
    await change(() => activate(release));
}

async function onRollback() {
  if (shown?.previous == null) return;
  const says = `${servingNow()} serves now, and could be activated again. Every location follows within a minute.`;
  if (await confirmed(`Roll back to ${shown.previous}?`, says, "Roll back")) await change(rollBack);
}

/** @typedef {import("./service.js").Experiment} Experiment */

/** @param {Experiment} experiment */
async function onStart({ id, plan }) {
  const says = `${plan?.sentence ?? ""} What it compares cannot change once it has started.`;
  if (await confirmed(`Start ${id}?`, says, "Start"))
    await change(() => changeExperiment(id, "start"));
}

/** @param {Experiment} experiment */
async function onStop({ id }) {
  const says = "Everybody is served as before. It cannot go on; an arm can still be shipped.";
  if (await confirmed(`Stop ${id}?`, says, "Stop"))
    await change(() => changeExperiment(id, "stop"));
}

/** @param {Experiment} experiment @param {string} arm */
async function onShip({ id }, arm) {
  const says = `The experiment ends, and ${arm} serves everybody. Every location follows within a minute.`;
  if (await confirmed(`Ship ${arm} of ${id}?`, says, "Ship"))
    await change(() => changeExperiment(id, "ship", { arm }));
}

function servingNow() {
  return shown?.serving.map(({ release }) => release).join(" and ") || "Nothing";
}

/** @param {() => Promise<unknown>} ask */
async function change(ask) {
  try {
    await ask();
  } catch (error) {
    refuse(error);
    return;
  }
  await refresh();
}

rollbackButton.addEventListener("click", onRollback);
keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(byId("key", HTMLInputElement).value.trim());
  refresh();
});
openExperimentForm(async (definition) => {
  const { id, plan } = await defineExperiment(definition);
  await refresh();
  return `${id} is defined. ${plan?.sentence ?? ""}`;
});
setInterval(() => {
  const busy = document.hidden || !keyForm.hidden || byId("confirm", HTMLDialogElement).open;
  if (!busy) refresh();
}, PAUSE);

await refresh();
