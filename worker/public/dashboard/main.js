import { byId } from "../element.js";
import { confirmed } from "./confirm.js";
import { showCost } from "./cost.js";
import { showCron } from "./cron.js";
import { showFacts } from "./facts.js";
import { showIntake } from "./intake.js";
import { showQuality } from "./quality.js";
import { showReleases } from "./releases.js";
import { activate, askReleases, askStatus, Refusal, rollBack, useKey } from "./service.js";
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
    const [releases, status] = await Promise.all([askReleases(), askStatus()]);
    show(releases, status);
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
setInterval(() => {
  const busy = document.hidden || !keyForm.hidden || byId("confirm", HTMLDialogElement).open;
  if (!busy) refresh();
}, PAUSE);

await refresh();
