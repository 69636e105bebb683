import { byId, element } from "../element.js";

/**
 * Asks before something that everybody will notice.
 *
 * @param {string} title what is about to happen
 * @param {string} says what that means
 * @param {string} action the word on the button
 * @returns {Promise<boolean>} false when the dialog was closed any other way
 */
export function confirmed(title, says, action) {
  const dialog = byId("confirm", HTMLDialogElement);
  const no = element("button", { type: "button", onclick: () => dialog.close("no") }, "Cancel");
  const yes = element(
    "button",
    { type: "button", class: "danger", onclick: () => dialog.close("yes") },
    action,
  );
  dialog.replaceChildren(
    element("h2", { id: "confirm-title" }, title),
    element("p", {}, says),
    element("div", { class: "choices" }, no, yes),
  );
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
