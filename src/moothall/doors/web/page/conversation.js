/**
 * The conversation: lines for the records of a room, the newest at the end, which it follows unless one has scrolled
 * up.
 *
 * Lines are added and never made anew, and at most 2,000 stay on the page, so that ten thousand do not freeze it.
 * Knows nothing of rooms; `records.js` says what is shown.
 */

import { bdi, button, el, fill, show, soon, tell, tint, write } from "./dom.js";
import { hueOf, initials } from "./speaker.js";
import { t, timeOf } from "./words.js";

const MAX_LINES = 2_000;
const EARLIER_LINES = 500; // how many come back at once
const NEAR_END_PX = 48;

export class Conversation {
  #records = []; // all there are
  #shownFrom = 0; // the first of them that is on the page
  #shownTo = 0;
  #unread = 0;
  #isFollowing = true;
  #lines = el("div", {
    class: "lines",
    role: "log",
    "aria-live": "polite",
    "aria-label": t.conversation,
    "aria-busy": "true",
  });
  #empty = el("p", { class: "empty" }, t.nothingYet);
  #earlier = button("", () => this.#showEarlier(), "earlier");
  #newer = button("", () => this.#goToEnd(), "newer");
  #box;
  #flush = soon(() => this.#render());

  constructor() {
    this.#box = el("div", { class: "scroller", tabindex: "0" }, this.#earlier, this.#empty, this.#lines);
    this.#box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.element = el("div", { class: "conversation" }, this.#box, this.#newer);
    // Whatever becomes taller or lower, the end stays in sight.
    new ResizeObserver(() => this.#isFollowing && this.#toEnd()).observe(this.#box);
    this.#tell();
  }

  /** Add records at the end. */
  add(records) {
    if (!records.length) return;
    this.#records.push(...records);
    this.#flush();
  }

  /** Forget all lines. */
  clear() {
    this.#records = [];
    this.#shownFrom = this.#shownTo = this.#unread = 0;
    this.#lines.replaceChildren();
    this.#lines.setAttribute("aria-busy", "true");
    this.#tell();
  }

  /** From now on new lines are read aloud, and count as unread; until then they were the past. */
  caughtUp() {
    this.#render();
    this.#unread = 0;
    this.#tell();
    // A breath later, lest a screen reader takes the past for news.
    setTimeout(() => this.#lines.setAttribute("aria-busy", "false"), 500);
  }

  /** Go to the beginning, as one does who reads what is over. */
  toBeginning() {
    this.#isFollowing = false;
    this.#box.scrollTop = 0;
  }

  /** Go to the end, and follow it. */
  follow() {
    this.#isFollowing = true;
    this.#unread = 0;
    this.#trim();
    this.#toEnd();
    this.#tell();
  }

  // The buttons here may vanish as they are pressed; the focus stays in the conversation.
  #goToEnd() {
    this.follow();
    this.#box.focus({ preventScroll: true });
  }

  #render() {
    const total = this.#records.length;
    if (this.#shownTo === total) return;
    if (total - this.#shownTo > MAX_LINES) {
      this.#lines.replaceChildren();
      this.#shownFrom = this.#shownTo = total - MAX_LINES;
    }
    const added = document.createDocumentFragment();
    for (; this.#shownTo < total; this.#shownTo += 1) added.append(this.#lineAt(this.#shownTo));
    if (!this.#isFollowing)
      this.#unread += [...added.children].filter((line) => line.classList.contains("said")).length;
    this.#lines.append(added);
    this.#tell();
    if (!this.#isFollowing) return;
    this.#trim();
    this.#toEnd();
  }

  #lineAt(index) {
    const record = this.#records[index];
    const before = index > 0 ? this.#records[index - 1] : null;
    const goesOn = record.kind === "said" && before?.kind === "said" && before.name === record.name && !record.isHost;
    return lineOf(record, goesOn && index > this.#shownFrom);
  }

  #showEarlier() {
    const from = Math.max(0, this.#shownFrom - EARLIER_LINES);
    const added = document.createDocumentFragment();
    for (let index = from; index < this.#shownFrom; index += 1) added.append(this.#lineAt(index));
    this.#shownFrom = from;
    const height = this.#box.scrollHeight;
    this.#isFollowing = false;
    this.#lines.prepend(added);
    this.#box.scrollTop += this.#box.scrollHeight - height;
    this.#tell();
    if (this.#earlier.hidden) this.#box.focus({ preventScroll: true });
  }

  #trim() {
    const surplus = this.#shownTo - this.#shownFrom - MAX_LINES;
    // In lots: each time costs a layout.
    if (surplus < 200 && this.#lines.childElementCount <= MAX_LINES) return;
    for (let left = surplus; left > 0; left -= 1) this.#lines.firstElementChild.remove();
    this.#shownFrom += Math.max(0, surplus);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    this.#isFollowing = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#isFollowing && this.#unread) {
      this.#unread = 0;
      this.#tell();
    }
  }

  #toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
  }

  #tell() {
    show(this.#empty, this.#records.length === 0);
    show(this.#earlier, this.#shownFrom > 0);
    if (this.#shownFrom > 0) write(this.#earlier, t.earlier(Math.min(EARLIER_LINES, this.#shownFrom)));
    show(this.#newer, this.#unread > 0);
    if (this.#unread > 0) write(this.#newer, t.newWords(this.#unread));
  }
}

function lineOf(record, goesOn) {
  switch (record.kind) {
    case "said":
      return saidLine(record, goesOn);
    case "sitting":
      return headingLine("h3", "sitting", t.sittingNumber(record.sitting), labelsOf(record.labels));
    case "topic":
      return topicLine(record);
    case "round":
      return headingLine("h5", "round", record.text);
    default:
      return el("p", { class: `line notice ${record.tone}` }, tell(el("span", { class: "words" }), record.text));
  }
}

function saidLine({ name, text, at, isMine = false, isHost, isOurs = false }, goesOn) {
  const classes = ["line", "said", isMine && "mine", isHost && "host", goesOn && "goes-on"].filter(Boolean).join(" ");
  const line = el(
    "div",
    { class: classes },
    el("span", { class: "picture", "aria-hidden": "true" }, goesOn ? "" : initials(name)),
    el(
      "p",
      { class: goesOn ? "by visually-hidden" : "by" },
      bdi(name, "name"),
      el("time", { datetime: new Date(at).toISOString() }, timeOf(at)),
    ),
    isOurs ? tell(el("p", { class: "words" }), text) : el("p", { class: "words", dir: "auto" }, text),
  );
  return tint(line, hueOf(name));
}

function topicLine({ topic, host, text }) {
  return el(
    "div",
    { class: "line topic" },
    el("h4", {}, `${t.topic}: `, bdi(topic)),
    el("p", { class: "question", dir: "auto" }, el("span", { class: "visually-hidden" }, bdi(host), ": "), text),
  );
}

function headingLine(tag, className, text, extra = null) {
  return fill(el("div", { class: `line ${className}` }), el(tag, {}, text), extra);
}

/** Return a sitting's labels as a list of small signs; null where it has none. */
export function labelsOf(labels) {
  const pairs = Object.entries(labels ?? {});
  if (!pairs.length) return null;
  return el("ul", { class: "labels" }, ...pairs.map(([key, value]) => el("li", {}, bdi(`${key}=${value}`))));
}
