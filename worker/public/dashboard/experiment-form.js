import { byId, element } from "../element.js";

/** @typedef {import("./service.js").Releases} Releases */

const MOST_ARMS = 5;
const WHAT_SERVES = "what serves everybody";

const form = byId("experiment-form", HTMLFormElement);
const arms = byId("experiment-arms", HTMLElement);

/** @type {readonly string[]} */
let releases = [];

/**
 * The form that defines an experiment: two arms at first, up to five.
 *
 * @param {(definition: unknown) => Promise<string>} define gives what is to be told of it
 */
export function openExperimentForm(define) {
  arms.replaceChildren(armFields("control", 50), armFields("new", 50));
  byId("add-arm", HTMLButtonElement).addEventListener("click", () => {
    if (arms.children.length < MOST_ARMS) {
      arms.append(armFields(`arm-${arms.children.length + 1}`, 10));
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = byId("experiment-told", HTMLElement);
    told.textContent = "";
    told.textContent = await define(definition()).catch((error) => String(error.message ?? error));
  });
}

/** Which releases an arm may serve. @param {Releases} listed */
export function offerReleases(listed) {
  const known = listed.releases.map(({ release }) => release);
  if (known.join() === releases.join()) return;
  releases = known;
  for (const select of arms.querySelectorAll("select")) {
    const { value } = select;
    select.replaceChildren(...options());
    select.value = value;
  }
}

/** @param {string} name @param {number} share percent */
function armFields(name, share) {
  const field = (/** @type {string} */ label, /** @type {HTMLElement} */ input) =>
    element("label", {}, label, input);
  const number = { type: "number", min: 0, step: "any" };
  return element(
    "fieldset",
    {},
    element("legend", {}, name === "control" ? "Control" : "Arm"),
    field("Name", element("input", { name: "arm", value: name, required: true })),
    field("% of all users", element("input", { ...number, name: "share", value: share, max: 100 })),
    field("Serves", element("select", { name: "release" }, ...options())),
    field("Diversity", element("input", { ...number, name: "diversity", max: 1 })),
  );
}

function options() {
  return [
    element("option", { value: "" }, WHAT_SERVES),
    ...releases.map((release) => element("option", {}, release)),
  ];
}

/** What the form says, as `POST /v1/experiments` takes it; the service checks it. */
function definition() {
  const given = new FormData(form);
  const text = (/** @type {string} */ name) => String(given.get(name) ?? "").trim();
  const every = (/** @type {string} */ name) => given.getAll(name).map(String);
  const [shares, served, diversities] = ["share", "release", "diversity"].map(every);
  return {
    id: text("id"),
    name: text("name"),
    mode: text("mode"),
    primary: text("primary"),
    minimumEffect: Number(text("effect")) / 100,
    arms: every("arm").map((name, at) => ({
      name: name.trim(),
      share: Number(shares?.[at]) / 100,
      release: served?.[at] || null,
      parameters: diversities?.[at] ? { diversity: Number(diversities[at]) } : {},
    })),
  };
}
