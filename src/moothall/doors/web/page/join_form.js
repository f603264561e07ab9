/**
 * How one takes a seat: a name, and a button; in a full room, a place in the line. Until then, and without, one
 * watches. What the server refuses stands beside it, in the server's words.
 */

import { button, el, field, hold, isHeld, keepFocus, show, write } from "./dom.js";
import { keepName, keptName } from "./storage.js";
import { t } from "./words.js";

export class JoinForm {
  #connection;
  #isFolded = false;
  #name = el("input", { type: "text", autocomplete: "nickname", spellcheck: "false", required: true });
  #sit = el("button", { type: "submit", class: "button main" }, t.takeSeat);
  #watch = button(t.justWatch, () => this.#fold(true));
  #unfold = button(t.takeSeat, () => this.#fold(false));
  #wait = button(t.wait, () => this.#join({ wait: true }));
  #stop = button(t.stopWaiting, () => this.#stopWaiting());
  #message = el("p", { class: "message", role: "status" });
  #refusal = el("p", { class: "refusal", role: "alert", lang: "en" });
  #form;
  #bar;

  constructor(connection) {
    this.#connection = connection;
    this.#name.value = keptName();
    this.#form = el(
      "form",
      { class: "join-form", onsubmit: (event) => this.#submit(event) },
      field(t.yourName, this.#name),
      el("div", { class: "row" }, this.#sit, this.#watch, this.#wait, this.#stop),
    );
    this.#bar = el("div", { class: "watch-bar" }, el("p", {}, t.justWatching), this.#unfold);
    this.element = el("div", { class: "join" }, this.#message, this.#refusal, this.#form, this.#bar);
    this.#show();
  }

  /** Say how one came to be without a seat. */
  tell(text) {
    this.#rest();
    write(this.#message, text);
  }

  /** Say why there is no seat; in a full room, offer the line for one. */
  refused({ reason, text }) {
    this.#rest();
    write(this.#refusal, text ?? t.noAnswer);
    show(this.#wait, reason === "room_full");
    if (reason !== "room_full") this.#name.focus();
  }

  /** Say which place one has in the line. */
  waiting(place) {
    write(this.#message, t.waitingPlace(place));
    show(this.#stop, true);
    keepFocus(
      this.#wait,
      () => show(this.#wait, false),
      () => this.#stop.focus(),
    );
    hold(this.#sit, true);
  }

  /** One has a seat: nothing of this is needed. */
  joined() {
    this.#rest();
    this.#isFolded = false;
    this.#show();
  }

  focus() {
    (this.#isFolded ? this.#unfold : this.#name).focus();
  }

  #submit(event) {
    event.preventDefault();
    this.#join({});
  }

  #join(options) {
    const name = this.#name.value.trim();
    if (!name || isHeld(this.#sit)) return;
    keepName(name);
    write(this.#refusal, "");
    write(this.#message, t.joining);
    hold(this.#sit, true);
    this.#connection.takeSeat(name, options);
  }

  #stopWaiting() {
    this.#connection.stopTrying();
    this.#rest();
  }

  #rest() {
    hold(this.#sit, false);
    const change = () => [this.#wait, this.#stop].forEach((button) => show(button, false));
    keepFocus(this.element, change, () => this.focus());
    write(this.#message, t.youWatch);
    write(this.#refusal, "");
  }

  #fold(isFolded) {
    this.#isFolded = isFolded;
    this.#show();
    this.focus();
  }

  #show() {
    this.#rest();
    show(this.#form, !this.#isFolded);
    show(this.#message, !this.#isFolded);
    show(this.#bar, this.#isFolded);
  }
}
