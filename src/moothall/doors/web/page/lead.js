/**
 * Leading a conversation: the forms and buttons that the operator and the chair share, and those of the operator
 * alone. Each asks the server and says what it answered; none decides what may be done. What one has typed stays until
 * the server has taken it.
 */

import { bots, closeRoom, command, queueTopic, sendBots } from "./api.js";
import { button, carefulButton, el, field, fill, show, write } from "./dom.js";
import { t } from "./words.js";

/** What leads a room. `ask(frame)` sends a frame, and returns what becomes of it. */
class Panel {
  #answer = el("p", { class: "answer", role: "status" });
  #refusal = el("p", { class: "refusal", role: "alert", lang: "en" });
  #names = new Map(); // select → { key, isByHand }: what it shows, and whether one has chosen there

  constructor(title) {
    this.body = el("div", { class: "panel-body" });
    this.element = el("section", { class: "panel" }, el("h3", {}, title), this.body, this.#answer, this.#refusal);
  }

  /** Do something that asks the server, and say how it went. Returns whether it was done. */
  async run(act) {
    this.calm();
    try {
      await act();
      write(this.#answer, t.done);
      return true;
    } catch (error) {
      this.refused(error);
      return false;
    }
  }

  /** Take back what was said of the last asking. */
  calm() {
    write(this.#answer, "");
    write(this.#refusal, "");
  }

  refused({ status, text, message }) {
    if (status === 401) {
      this.forgotten?.();
      return;
    }
    write(this.#refusal, (text ?? message) || t.noAnswer);
    this.#refusal.scrollIntoView({ block: "nearest" });
  }

  /** Make a choice among names, which `showNames` keeps up to date. */
  choice() {
    const shown = { key: "", isByHand: false };
    const select = el("select", { onchange: () => (shown.isByHand = true) });
    this.#names.set(select, shown);
    return select;
  }

  /** Show names in a choice: the first is chosen, until one has chosen by hand. */
  showNames(select, names) {
    const shown = this.#names.get(select);
    const key = names.join("\n");
    if (shown.key === key) return;
    const chosen = select.value;
    fill(select, ...names.map((name) => el("option", { value: name }, name)));
    shown.key = key;
    shown.isByHand &&= names.includes(chosen);
    if (shown.isByHand) select.value = chosen;
  }

  /** Make the choice that gives the floor, with its button; what was chosen by hand holds for one time. */
  granting(select, label, ask) {
    const grant = () => {
      ask({ do: "grant", name: select.value });
      Object.assign(this.#names.get(select), { key: "", isByHand: false });
    };
    return line(select, label, button(t.grant, grant));
  }
}

// Who may be given the floor: those who ask for it first, whoever is in the chair last.
function candidates(room) {
  const names = [...room.seats.keys()];
  const others = names.filter((name) => !room.requests.includes(name) && name !== room.chair);
  const chair = names.filter((name) => !room.requests.includes(name) && name === room.chair);
  return [...room.requests, ...others, ...chair];
}

function line(control, label, ...buttons) {
  return el("div", { class: "control-line" }, field(label, control), ...buttons);
}

// A field for words, which stay in it until they have been taken: `act(words)` returns, later, whether they were.
function words(label, act, text) {
  const input = el("input", { type: "text", autocomplete: "off", required: true });
  let isAsking = false;
  const submit = async (event) => {
    event.preventDefault();
    const value = input.value;
    if (isAsking || !value.trim()) return;
    isAsking = true;
    if ((await act(value)) && input.value === value) input.value = "";
    isAsking = false;
  };
  return el(
    "form",
    { class: "control-line", onsubmit: submit },
    field(label, input),
    el("button", { type: "submit", class: "button" }, text),
  );
}

/** The chair's panel: it speaks through one's own connection. */
export class ChairPanel extends Panel {
  #connection;
  #who = this.choice();
  #grant = this.granting(this.#who, t.who, (frame) => this.#ask(frame));
  #queuing = null; // { topic, answer }: what is on its way, and who waits for the answer

  constructor(connection) {
    super(t.chairLead);
    this.#connection = connection;
    fill(
      this.body,
      this.#grant,
      el(
        "div",
        { class: "row" },
        button(t.skipTurn, () => this.#ask({ do: "revoke" })),
        button(t.next, () => this.#ask({ do: "next" })),
      ),
      words(t.newTopic, (topic) => this.#queue(topic), t.queueTopic),
    );
  }

  /** Show who can be given the floor. */
  show(room) {
    this.showNames(this.#who, candidates(room));
    show(this.#grant, room.policy === "chair");
  }

  /** Learn of an event: it may be the answer to the chair's asking. */
  heard({ event, topic }) {
    if (event === "topic_queued" && topic === this.#queuing?.topic) this.#settle(true);
  }

  refused(refusal) {
    super.refused(refusal);
    this.#settle(false);
  }

  /** The connection is lost: whatever was asked has no answer any more. */
  lost() {
    if (this.#queuing) this.refused({ text: t.noAnswer });
  }

  #ask(frame) {
    this.calm();
    const isSent = this.#connection.send(frame);
    if (!isSent) this.refused({ text: t.noAnswer });
    return isSent;
  }

  #queue(words) {
    const topic = words.trim().replace(/\s+/g, " "); // as the event will say it
    if (!this.#ask({ do: "topic", topic })) return false;
    return new Promise((answer) => {
      this.#queuing = { topic, answer };
    });
  }

  #settle(isTaken) {
    this.#queuing?.answer(isTaken);
    this.#queuing = null;
  }
}

/** The operator's panel for one room. `forgotten()` is called when the server does not take the token. */
export class OperatorPanel extends Panel {
  #who = this.choice();
  #toGrant = this.choice();
  #grant;
  #bots = el("select", {});
  #hasBots = false;

  constructor(name, forgotten) {
    super(t.lead);
    this.forgotten = forgotten;
    const ask = (frame) => this.run(() => command(name, frame));
    const plain = (text, verb) => button(text, () => ask({ do: verb }));
    this.#grant = this.granting(this.#toGrant, t.grant, ask);
    fill(
      this.body,
      words(t.newTopic, (topic) => this.run(() => queueTopic(name, topic)), t.queueTopic),
      words(t.hostWords, (text) => ask({ do: "say", text }), t.sayAsHost),
      el(
        "div",
        { class: "row" },
        plain(t.start, "start"),
        plain(t.next, "next"),
        plain(t.skipTurn, "skip"),
        plain(t.pauseIt, "pause"),
        plain(t.unpause, "unpause"),
      ),
      line(
        this.#bots,
        t.houseBot,
        button(t.addBot, () => this.run(() => sendBots(name, [this.#bots.value]))),
      ),
      this.#grant,
      line(
        this.#who,
        t.who,
        carefulButton(t.remove, t.reallyRemove, () => ask({ do: "remove", name: this.#who.value })),
      ),
      el(
        "div",
        { class: "row" },
        carefulButton(t.end, t.reallyEnd, () => ask({ do: "end" })),
        carefulButton(t.closeRoom, t.reallyClose, () => this.run(() => closeRoom(name))),
      ),
    );
  }

  show(room) {
    this.showNames(this.#who, [...room.seats.keys()]);
    this.showNames(this.#toGrant, candidates(room));
    show(this.#grant, room.policy === "chair");
  }

  /** Ask, once, which house bots there are. */
  async loadBots() {
    if (this.#hasBots) return;
    const names = await bots().catch(() => null);
    if (names === null) return;
    this.#hasBots = true;
    fill(this.#bots, ...names.map((name) => el("option", { value: name }, name)));
  }
}
