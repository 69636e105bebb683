import { byId, element } from "../element.js";
import { askForRatings, askForUser, askTrending } from "./api.js";
import { Details } from "./details.js";
import { Filters } from "./filters.js";
import { showMeter } from "./meter.js";
import { Rated } from "./rated.js";
import { Ratings } from "./ratings.js";
import { startSearch } from "./search.js";
import { Sent } from "./sent.js";
import { Visitor } from "./visitor.js";
import { Wall } from "./wall.js";

/** @typedef {import("./api.js").Answer} Answer */

/** Items on the wall, and those that are looked through for the categories there are. */
const SHOWN = 24;
const LOOKED_THROUGH = 60;

const ratings = new Ratings();
const sent = new Sent();
const rater = () => (visitor.userId === null ? ratings : sent);
const details = new Details(rater);
const rated = new Rated(ratings);
const filters = new Filters(() => refresh());
const visitor = new Visitor(() => refresh());
const wall = new Wall(byId("wall", HTMLOListElement), {
  open: (item) => details.open(item, who()),
  rate: (item, value) => {
    if (visitor.userId !== null) busy(true);
    rater().rate(item, value);
  },
});
ratings.addEventListener("change", () => refresh());
sent.addEventListener("change", async () => {
  await refresh();
  if (sent.after !== null) return;
  const late = "The rating was taken in. This list does not know it yet: the next release will.";
  byId("trouble", HTMLElement).replaceChildren(late);
});
sent.addEventListener("refused", (event) => {
  const { detail } = /** @type {CustomEvent<string>} */ (event);
  byId("trouble", HTMLElement).replaceChildren(`The rating was not taken in. ${detail}`);
  busy(false);
});
startSearch((item) => {
  if (visitor.userId === null) rated.ask(item);
  else details.open(item, who());
});

let asked = new AbortController();
let shownFor = "";

/** Asks for what the page shows now; an answer that was overtaken by another question is dropped. */
async function refresh() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  sent.become(visitor.userId);
  busy(true);
  filters.allowDiversity(visitor.userId !== null || ratings.size > 0);
  try {
    show(await ask(signal));
  } catch (error) {
    if (signal.aborted) return;
    showRefusal(error);
  }
  busy(false);
}

/** @param {boolean} now whether what the wall shows is about to change */
function busy(now) {
  byId("wall", HTMLOListElement).setAttribute("aria-busy", String(now));
}

/** @param {AbortSignal} signal */
function ask(signal) {
  const wish = { limit: SHOWN, categories: filters.categories, diversity: filters.diversity };
  if (visitor.userId !== null) return askForUser(visitor.userId, wish, signal, sent.after);
  if (ratings.size === 0) return askTrending(wish, signal);
  const given = ratings.all.map(({ item, value }) => ({ itemId: item.id, value }));
  return askForRatings(given, wish, signal);
}

/** @param {Answer} answer */
function show(answer) {
  const subject = visitor.userId ?? (ratings.size > 0 ? "you" : "all");
  const fresh = wall.show(answer.items, who(), subject === "you" && shownFor !== "");
  shownFor = subject;
  byId("wall-title", HTMLElement).textContent = titleOf(answer);
  showMeter(answer);
  const count = answer.items.length;
  const said =
    count === 0 ? "Nothing passes these filters." : `${fresh} of ${count} items are new.`;
  byId("said", HTMLElement).textContent = `${titleOf(answer)}: ${said}`;
  byId("trouble", HTMLElement).replaceChildren(count === 0 ? said : "");
}

/** Whose ratings bring what the wall shows. */
function who() {
  return visitor.userId === null ? "you" : "they";
}

/** @param {Answer} answer */
function titleOf({ source }) {
  const { userId } = visitor;
  const personal = source === "list" || source === "fold-in";
  if (userId === null) return personal ? "For you" : "Trending now";
  return personal ? `For user ${userId}` : `No history of user ${userId}: trending`;
}

/** A sentence and a way on, never a blank page. @param {unknown} error */
function showRefusal(error) {
  const said = error instanceof Error ? error.message : String(error);
  const again = element("button", { type: "button", onclick: () => start() }, "Try again");
  byId("trouble", HTMLElement).replaceChildren(`${said} `, again);
}

/** The first answer also tells which categories to offer. */
async function start() {
  await refresh();
  const wish = { limit: LOOKED_THROUGH, categories: [], diversity: 0 };
  const many = await askTrending(wish, new AbortController().signal).catch(() => null);
  if (many !== null) filters.offer(many.items);
}

await start();
