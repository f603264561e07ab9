/**
 * The operator's token: typed into a field, or brought in the address and taken out of it at once. It goes to the
 * server in requests of the operator's alone, and stays in this tab.
 */

import { button, el, field, show, write } from "./dom.js";
import { keepToken, keptToken } from "./storage.js";
import { t } from "./words.js";

/**
 * Take `#token=…` out of the address, so that nobody reads it over a shoulder or copies it along, and keep it.
 * Returns whether there was one.
 */
export function takeTokenFromAddress() {
  const match = /^#token=(.+)$/.exec(location.hash);
  if (!match) return false;
  history.replaceState(null, "", location.pathname + location.search);
  keepToken(match[1]);
  return true;
}

/**
 * The field for a token, and the button that forgets it. `changed(hasToken)` is called at once, and on each change.
 */
export class TokenForm {
  #changed;
  #input = el("input", { type: "password", autocomplete: "off", spellcheck: "false", required: true });
  #message = el("p", { class: "refusal", role: "alert" });
  #form;
  #forget = button(t.forgetToken, () => this.#use(""), "button quiet");

  constructor(changed) {
    this.#changed = changed;
    this.#form = el(
      "form",
      { class: "control-line", onsubmit: (event) => this.#submit(event) },
      field(t.token, this.#input, t.tokenHint),
      el("button", { type: "submit", class: "button" }, t.useToken),
    );
    this.element = el("div", { class: "token" }, this.#form, this.#message, this.#forget);
    this.#tell();
  }

  /** The server did not take the token, and it is forgotten already. */
  refused() {
    write(this.#message, t.tokenBad);
    this.#tell();
    this.#input.focus();
  }

  #submit(event) {
    event.preventDefault();
    const token = this.#input.value.trim();
    if (token) this.#use(token);
  }

  #use(token) {
    keepToken(token);
    this.#input.value = "";
    write(this.#message, "");
    this.#tell();
    (token ? this.#forget : this.#input).focus();
  }

  #tell() {
    const hasToken = keptToken() !== "";
    show(this.#form, !hasToken);
    show(this.#forget, hasToken);
    this.#changed(hasToken);
  }
}
