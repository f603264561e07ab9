/**
 * Leading a conversation: the forms and buttons that the operator and the chair share, and those of the operator
 * alone. Each asks the server and says what it answered; none decides what may be done.
 */

import { bots, closeRoom, command, queueTopic, sendBots } from "./api.js";
import { button, carefulButton, el, field, fill, show, write } from "./dom.js";
import { t } from "./words.js";

/** What leads a room. `ask(frame)` sends a frame, and returns what becomes of it. */
class Panel {
  #answer = el("p", { class: "answer", role: "status" });
  #refusal = el("p", { class: "refusal", role: "alert", lang: "en" });
  #names = new Map(); // select → what it shows besides

  constructor(title) {
    this.body = el("div", { class: "panel-body" });
    this.element = el("section", { class: "panel" }, el("h3", {}, title), this.body, this.#answer, this.#refusal);
  }

  /** Do something that asks the server, and say how it went. */
  async run(act) {
    write(this.#answer, "");
    write(this.#refusal, "");
    try {
      await act();
      write(this.#answer, t.done);
    } catch (error) {
      this.refused(error);
    }
  }

  refused({ status, text, message }) {
    if (status === 401) this.forgotten?.();
    else write(this.#refusal, (text ?? message) || t.noAnswer);
  }

  /** Make a choice among the names in seats, which `showNames` keeps up to date. */
  choice() {
    const select = el("select", {});
    this.#names.set(select, "");
    return select;
  }

  showNames(names) {
    const key = names.join("\n");
    for (const [select, shown] of this.#names) {
      if (shown === key) continue;
      const chosen = select.value;
      fill(select, ...names.map((name) => el("option", { value: name }, name)));
      if (names.includes(chosen)) select.value = chosen;
      this.#names.set(select, key);
    }
  }
}

function line(control, label, ...buttons) {
  return el("div", { class: "control-line" }, field(label, control), ...buttons);
}

function words(label, act, text, maxLength) {
  const input = el("input", { type: "text", maxlength: maxLength, autocomplete: "off", required: true });
  const submit = (event) => {
    event.preventDefault();
    const value = input.value;
    if (!value.trim()) return;
    act(value);
    input.value = "";
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
  #grant;

  constructor(connection) {
    super(t.chairLead);
    const ask = (frame) => connection.send(frame) || this.refused({ text: t.noAnswer });
    const who = this.choice();
    this.#grant = line(
      who,
      t.who,
      button(t.grant, () => ask({ do: "grant", name: who.value })),
    );
    fill(
      this.body,
      this.#grant,
      el(
        "div",
        { class: "row" },
        button(t.skipTurn, () => ask({ do: "revoke" })),
        button(t.next, () => ask({ do: "next" })),
      ),
      words(t.newTopic, (topic) => ask({ do: "topic", topic }), t.queueTopic, 200),
    );
  }

  /** Show who can be given the floor: those who ask for it first. */
  show(room) {
    const others = [...room.seats.keys()].filter((name) => !room.requests.includes(name));
    this.showNames([...room.requests, ...others]);
    show(this.#grant, room.policy === "chair");
  }
}

/** The operator's panel for one room. `forgotten()` is called when the server does not take the token. */
export class OperatorPanel extends Panel {
  #grant;
  #bots = el("select", {});
  #hasBots = false;

  constructor(name, forgotten) {
    super(t.lead);
    this.forgotten = forgotten;
    const ask = (frame) => this.run(() => command(name, frame));
    const plain = (text, verb) => button(text, () => ask({ do: verb }));
    const who = this.choice();
    const toGrant = this.choice();
    this.#grant = line(
      toGrant,
      t.grant,
      button(t.grant, () => ask({ do: "grant", name: toGrant.value })),
    );
    fill(
      this.body,
      words(t.newTopic, (topic) => this.run(() => queueTopic(name, topic)), t.queueTopic, 200),
      words(t.hostWords, (text) => ask({ do: "say", text }), t.sayAsHost, 8000),
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
        who,
        t.who,
        carefulButton(t.remove, t.reallyRemove, () => ask({ do: "remove", name: who.value })),
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
    this.showNames([...room.seats.keys()]);
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
