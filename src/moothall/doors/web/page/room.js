/**
 * A room, as one watches it or sits in it: brings the connection's events to the table, the conversation, the box to
 * speak and the timeline. Decides nothing; what is so is in `fold.js`.
 */

import { listedRoom, roomState } from "./api.js";
import { ServerClock } from "./clock.js";
import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { bdi, el, keepFocus, show, soon, tell, write } from "./dom.js";
import { Figures } from "./figures.js";
import { emptyRoom, fold, phaseOf, takeState, turnOf } from "./fold.js";
import { frame } from "./frame.js";
import { isolated } from "./isolation.js";
import { JoinForm } from "./join_form.js";
import { ChairPanel, OperatorPanel } from "./lead.js";
import { recordsOf } from "./records.js";
import { SayBox } from "./say_box.js";
import { downloads, Sittings } from "./sittings.js";
import { Table } from "./table.js";
import { Tabs } from "./tabs.js";
import { Timeline } from "./timeline.js";
import { TokenForm } from "./token_form.js";
import { lang, t } from "./words.js";

const STATE_EVERY_MS = 5_000; // how often the spectators are counted
const WHY_NO_SEAT = { taken_over: t.takenOver, key_unknown: t.seatGone, sitting_closed: t.joinAgain };

/** Show the room `name`, and stay in it. */
export function showRoom(name) {
  new RoomView(name);
}

class RoomView {
  #name;
  #room;
  #clock = new ServerClock();
  #figures = new Figures();
  #isPast = true;
  #conversation = new Conversation();
  #timeline = new Timeline();
  #sittings = new Sittings();
  #table = new Table(this.#clock);
  #status = el("p", { class: "status", role: "status" });
  #phase = el("span", { class: "phase" });
  #watching = el("span", { class: "watching" });
  #queue = el("p", { class: "queue" });
  #announce = el("p", { class: "visually-hidden", role: "status", "aria-live": "assertive" });
  #timelinePart = el("div", { class: "scroller", tabindex: "0" });
  #downloads = el("div", {});
  #shownSitting = 0; // the one to which the downloads lead
  #connection;
  #join;
  #box;
  #foot;
  #chair;
  #operator;
  #tabs;
  #update = soon(() => this.#show());

  constructor(name) {
    this.#name = name;
    this.#room = emptyRoom(name);
    this.#connection = new Connection(name, this.#listener());
    this.#join = new JoinForm(this.#connection);
    this.#box = new SayBox(this.#connection, name);
    this.#chair = new ChairPanel(this.#connection);
    this.#build();
    this.#show();
    document.addEventListener("keydown", (event) => this.#escape(event));
    document.addEventListener("visibilitychange", () => document.hidden || this.#askState());
    setInterval(() => document.hidden || this.#askState(), STATE_EVERY_MS);
    setInterval(() => this.#tabs.chosen === "timeline" && this.#showTimeline(), 1_000);
  }

  #build() {
    const operatorPart = this.#operatorPart();
    this.#timelinePart.append(this.#timeline.element, this.#downloads);
    const panels = {
      conversation: el(
        "section",
        { class: "view" },
        el("h2", { class: "visually-hidden" }, t.conversation),
        this.#conversation.element,
      ),
      timeline: el(
        "section",
        { class: "view" },
        el("h2", { class: "visually-hidden" }, t.timeline),
        this.#timelinePart,
      ),
      sittings: el(
        "section",
        { class: "view" },
        el("h2", { class: "visually-hidden" }, t.sittings),
        el("div", { class: "scroller", tabindex: "0" }, this.#sittings.element),
      ),
      operator: el(
        "section",
        { class: "view" },
        el("h2", { class: "visually-hidden" }, t.operator),
        el("div", { class: "scroller", tabindex: "0" }, operatorPart),
      ),
    };
    this.#foot = el("div", { class: "foot" }, this.#join.element, this.#box.element);
    this.#tabs = new Tabs(t.views, [
      { id: "conversation", title: t.conversation, panel: panels.conversation },
      { id: "timeline", title: t.timeline, panel: panels.timeline, opened: () => this.#showTimeline() },
      { id: "sittings", title: t.sittings, panel: panels.sittings, opened: () => this.#sittings.load(this.#name) },
      { id: "operator", title: t.operator, panel: panels.operator, opened: () => this.#operator.loadBots() },
    ]);
    const title = el("div", { class: "room-title" }, el("h1", {}, bdi(this.#name)), this.#phase, this.#watching);
    frame(
      "room",
      [title, this.#status],
      el(
        "section",
        { class: "side", tabindex: "0", "aria-label": t.table },
        this.#table.element,
        this.#queue,
        this.#chair.element,
      ),
      el(
        "div",
        { class: "talk" },
        this.#tabs.list,
        ...Object.values(panels),
        this.#foot,
      ),
      this.#announce,
    );
  }

  #operatorPart() {
    this.#operator = new OperatorPanel(this.#name, () => token.refused());
    const token = new TokenForm((hasToken) => show(this.#operator.element, hasToken));
    return el("div", { class: "operator" }, token.element, this.#operator.element);
  }

  #listener() {
    return {
      cleared: () => this.#clear(),
      event: (event) => this.#event(event),
      caughtUp: () => {
        this.#isPast = false;
        this.#conversation.caughtUp();
        this.#askState();
        this.#update();
      },
      seat: (name, why) => this.#seat(name, why),
      status: (status) => this.#showStatus(status),
      refused: (refusal) => this.#partFor(refusal.do).refused(refusal),
      waiting: (place) => this.#join.waiting(place),
      receipt: (cid) => this.#box.receipt(cid),
      returned: (words, refusal) => this.#box.returned(words, refusal),
    };
  }

  // Where it was asked for, there it is told that it was refused.
  #partFor(verb) {
    if (verb === "join") return this.#join;
    return ["grant", "revoke", "topic", "next"].includes(verb) ? this.#chair : this.#box;
  }

  #clear() {
    this.#room = emptyRoom(this.#name);
    this.#figures = new Figures();
    this.#conversation.clear();
    this.#isPast = true;
    this.#update();
  }

  #event(event) {
    this.#clock.observe(event.at);
    fold(this.#room, event);
    this.#figures.take(event);
    this.#chair.heard(event);
    const me = this.#connection.name;
    this.#conversation.add(recordsOf(event, this.#room, me));
    if (!this.#isPast && event.event === "floor_granted" && event.name === me)
      this.#announceTurn(event.seconds ?? null);
    this.#update();
  }

  #announceTurn(seconds) {
    write(this.#announce, t.yourTurn(seconds));
    // Emptied again, so that the next turn is news.
    setTimeout(() => write(this.#announce, ""), 3_000);
  }

  #seat(name, why) {
    if (name) this.#join.joined();
    // Coming back to watch says nothing new: why the seat is gone stays to be read.
    else if (why) this.#join.tell(WHY_NO_SEAT[why] ?? t.youWatch);
    this.#update();
  }

  #showStatus({ is, delay, reply, refusal }) {
    this.#status.dataset.is = is;
    if (is === "lost") this.#chair.lost();
    if (is === "open") {
      this.#clock.reset();
      const turn = reply.turn === undefined ? null : this.#room.turns.find((open) => open.turn === reply.turn);
      if (turn?.deadline && reply.left_ms !== undefined) this.#clock.observe(turn.deadline - reply.left_ms);
      write(this.#status, "");
      return;
    }
    const words = {
      connecting: t.connecting,
      refused: refusal?.text,
      lost: delay > 1500 ? t.lostIn(Math.round(delay / 1000)) : t.lost,
    };
    write(this.#status, words[is] ?? "");
    this.#status.lang = is === "refused" ? "en" : lang;
  }

  async #askState() {
    if (this.#isPast || this.#status.dataset.is !== "open") return;
    try {
      const state = await this.#askedState();
      if (!state) return;
      this.#clock.observe(state.at);
      takeState(this.#room, state);
      write(this.#watching, state.watching ? t.watching(state.watching) : "");
      this.#update();
    } catch {
      // The connection says it when the server is gone.
    }
  }

  // A room in which nothing has happened yet may have no address of its own, but stand in the list.
  async #askedState() {
    if (this.#room.seq > 0) return roomState(this.#name);
    return listedRoom(this.#name);
  }

  #show() {
    const room = this.#room;
    const me = this.#connection.name;
    const phase = room.pausedAt === null ? phaseOf(room) : "paused";
    write(this.#phase, t.phase[phase]);
    this.#phase.dataset.phase = phase;
    this.#table.show(room, me);
    tell(this.#queue, room.queue.length ? `${t.nextUp}: ${room.queue.map(isolated).join(", ")}` : "");
    show(this.#queue, room.queue.length > 0);
    this.#showFoot(me);
    show(this.#chair.element, me !== null && room.chair !== null && room.chair.toLowerCase() === me.toLowerCase());
    this.#chair.show(room);
    this.#operator.show(room);
    const isMine = me !== null && turnOf(room, me) !== null;
    document.body.classList.toggle("my-turn", isMine);
    document.title = `${isMine ? `● ${t.yourTurnNow} · ` : ""}${this.#name} · Moothall`;
  }

  // The form for a seat, or the box to speak. The focus goes from one to the other, for what is hidden loses it.
  #showFoot(me) {
    const change = () => {
      show(this.#join.element, me === null);
      show(this.#box.element, me !== null);
    };
    keepFocus(this.#foot, change, () => this.#speakOrSit());
    if (me !== null) this.#box.show(this.#room);
  }

  #speakOrSit() {
    if (this.#connection.name === null) this.#join.focus();
    else this.#box.focus();
  }

  #showTimeline() {
    const { sitting } = this.#room;
    this.#timeline.show(this.#figures, sitting, this.#clock.now());
    // The links stay the same elements, so that the focus stays where it is.
    if (sitting > 0 && sitting !== this.#shownSitting) this.#downloads.replaceChildren(downloads(this.#name, sitting));
    this.#shownSitting = sitting;
  }

  #escape(event) {
    if (event.key !== "Escape") return;
    this.#tabs.choose("conversation");
    this.#speakOrSit();
  }
}
