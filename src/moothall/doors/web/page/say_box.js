/**
 * What one does in a seat: the box to speak, alive in one's own turn alone (always under the policy `open`), pass,
 * raise hand, return from the bench, leave. Words are in the box until the server has them; a refusal stands beside
 * it in the server's words. The box is never disabled, only held back, so that the focus can stay in it.
 */

import { newCid } from "./connection.js";
import { button, carefulButton, el, field, hold, isFocusFree, isHeld, keepFocus, show, write } from "./dom.js";
import { phaseOf, turnOf } from "./fold.js";
import { keepDraft, keptDraft } from "./storage.js";
import { t } from "./words.js";

export class SayBox {
  #connection;
  #room = null;
  #sent = null; // { cid, text }: on its way
  #refusedWords = null; // { cid, text }: the same words again are the same utterance, see json.md §11
  #turnShown = null;
  #box = el("textarea", { rows: 2, class: "words", autocomplete: "off", dir: "auto" });
  #say = el("button", { type: "submit", class: "button main" }, t.say);
  #pass = button(t.pass, () => this.#ask({ do: "pass", turn: this.#turn()?.turn }));
  #hand = button(t.ask, () => this.#ask({ do: this.#isAsking() ? "withdraw" : "request" }));
  #back = button(t.comeBack, () => this.#ask({ do: "return" }));
  #leave = carefulButton(t.leave, t.reallyLeave, () => this.#ask({ do: "leave" }));
  #refusal = el("p", { class: "refusal", role: "alert" });
  #count = el("p", { class: "count", "aria-live": "polite" });

  #name;

  constructor(connection, room) {
    this.#name = room;
    this.#connection = connection;
    this.#sent = connection.unsaid; // a reload may find words on their way
    this.#box.value = this.#sent?.text ?? keptDraft(room);
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#box.addEventListener("input", () => this.#typed());
    const row = el("div", { class: "row" }, this.#say, this.#pass, this.#hand, this.#back, this.#count, this.#leave);
    this.element = el(
      "form",
      { class: "say-box", onsubmit: (event) => this.#submit(event) },
      field(t.yourWords, this.#box),
      this.#refusal,
      row,
    );
  }

  /** Show what one can do in this room now. */
  show(room) {
    this.#room = room;
    const isOpen = room.policy === "open" && phaseOf(room) === "talking" && room.pausedAt === null;
    const turn = this.#turn();
    const isAlive = isOpen || (turn !== null && room.pausedAt === null);
    const seat = room.seats.get(this.#connection.name);
    hold(this.#box, !isAlive || this.#sent !== null);
    this.#showCount();
    this.#box.placeholder = this.#sent ? t.sending : isOpen ? t.boxOpen : isAlive ? t.boxTurn : t.boxWait;
    this.element.classList.toggle("alive", isAlive);
    const canAsk = ["request", "chair"].includes(room.policy) && phaseOf(room) === "talking" && !seat?.isBenched;
    const showButtons = () => {
      show(this.#pass, turn !== null);
      show(this.#hand, canAsk && turn === null);
      show(this.#back, Boolean(seat?.isBenched));
    };
    keepFocus(this.element, showButtons, () => this.focus());
    write(this.#hand, this.#isAsking() ? t.withdraw : t.ask);
    this.#hand.setAttribute("aria-pressed", String(this.#isAsking()));
    this.#turnBegins(turn, isOpen);
  }

  /** Forget the words that were on their way: the server has them. */
  receipt(cid) {
    if (this.#sent?.cid !== cid) return;
    this.#sent = null;
    this.#box.value = "";
    keepDraft(this.#name, "");
    this.#tell("");
    this.show(this.#room);
  }

  /** Give words back that were refused, or that nobody can say any more. */
  returned({ cid, text }, refusal) {
    this.#sent = null;
    this.#refusedWords = refusal?.reason === "storage" ? { cid, text } : null;
    this.#box.value ||= text;
    keepDraft(this.#name, this.#box.value);
    if (this.#room) this.show(this.#room);
    if (refusal) this.refused(refusal);
  }

  /** Say why something was refused. */
  refused({ text }) {
    this.#tell(text ?? t.noAnswer);
  }

  focus() {
    this.#box.focus({ preventScroll: true });
  }

  #turn() {
    return turnOf(this.#room, this.#connection.name);
  }

  #isAsking() {
    return this.#room?.requests.includes(this.#connection.name) ?? false;
  }

  // One's turn has come: the box is where one wants to be, unless one is busy elsewhere.
  #turnBegins(turn, isOpen) {
    const now = turn?.turn ?? (isOpen ? "open" : null);
    if (now === this.#turnShown) return;
    this.#turnShown = now;
    this.#tell("");
    const isFree = isFocusFree() || this.element.contains(document.activeElement);
    if (now !== null && isFree) this.focus();
  }

  #key(event) {
    // While a word is being composed, Enter chooses among its spellings.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  #typed() {
    keepDraft(this.#name, this.#box.value);
    this.#showCount();
  }

  // One may write more than can be said, and is told how much that is; nothing is cut off.
  #showCount() {
    const most = this.#room.maxTextChars;
    const left = most - [...this.#box.value].length; // whole characters, as the server counts them
    write(this.#count, left < 0 ? t.charsOver(-left) : left < Math.min(500, most / 4) ? t.charsLeft(left) : "");
    this.#count.classList.toggle("over", left < 0);
    hold(this.#say, isHeld(this.#box) || left < 0);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#box.value;
    if (isHeld(this.#say) || !text.trim()) return;
    const cid = this.#refusedWords?.text === text ? this.#refusedWords.cid : newCid();
    this.#sent = { cid, text };
    this.#tell("");
    this.show(this.#room);
    this.focus();
    this.#connection.say(text, this.#turn()?.turn ?? null, cid);
  }

  #ask(frame) {
    this.#tell("");
    if (!this.#connection.send(frame)) this.#tell(t.noAnswer);
  }

  #tell(text) {
    write(this.#refusal, text);
    // The server's sentences are English, whatever the page speaks.
    this.#refusal.lang = "en";
  }
}
