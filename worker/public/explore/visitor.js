import { byId } from "../element.js";

/** Whose list is shown: the visitor's own, or that of a user the service knows. */
export class Visitor {
  #form = byId("as-user", HTMLFormElement);
  #input = byId("user-id", HTMLInputElement);
  #back = byId("as-myself", HTMLButtonElement);
  /** @type {string | null} */
  #userId = new URLSearchParams(location.search).get("user");

  /** @param {() => void} onChange */
  constructor(onChange) {
    const become = (/** @type {string | null} */ userId) => {
      this.#userId = userId;
      this.#show();
      history.replaceState(
        null,
        "",
        userId === null ? "/" : `/?user=${encodeURIComponent(userId)}`,
      );
      onChange();
    };
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      become(this.#input.value.trim() || null);
    });
    this.#back.addEventListener("click", () => {
      become(null);
      this.#input.focus();
    });
    this.#show();
  }

  /** The user whose list is shown, null for the visitor's own. */
  get userId() {
    return this.#userId;
  }

  #show() {
    this.#input.value = this.#userId ?? "";
    this.#back.hidden = this.#userId === null;
    document.body.classList.toggle("for-user", this.#userId !== null);
  }
}
