/**
 * The table: the seats around it, the floor's light on whoever holds it, and the time that is left. On a small
 * screen, and with many seats, the same seats are a row; style sheets do that.
 *
 * Shows a room as `fold.js` describes it; decides nothing.
 */

import { bdi, el, fill, show, svg, tell, tint, write } from "./dom.js";
import { isolated } from "./isolation.js";
import { hueOf, initials } from "./speaker.js";
import { t } from "./words.js";
import { hereIn, phaseOf } from "./fold.js";

const MAX_AROUND = 10; // seats that fit around a table without touching
const MAX_ROOMY = 6; // up to so many have room for what they say of themselves
const LONG_NAME = 14; // characters that two lines always have room for
const NAME_END = 6; // of a longer one, characters that a line of its own has room for
const RING = 2 * Math.PI * 22; // its length, in the units of its drawing

export class Table {
  #clock;
  #places = new Map(); // number of a seat → what shows it
  #list = el("ol", { class: "places", "aria-label": t.seats });
  #light = el("div", { class: "light", "aria-hidden": "true" });
  #topic = el("p", { class: "now-topic", dir: "auto" });
  #round = el("p", { class: "now-round" });
  #holder = el("p", { class: "now-holder" });
  #time = el("p", { class: "now-time", role: "timer", "aria-live": "off" });
  #room = null;
  #me = null;

  constructor(clock) {
    this.#clock = clock;
    const centre = el("div", { class: "centre" }, this.#round, this.#topic, this.#holder, this.#time);
    this.element = el(
      "div",
      { class: "table" },
      el("h2", { class: "visually-hidden" }, t.table),
      this.#light,
      el("div", { class: "wood", "aria-hidden": "true" }),
      centre,
      this.#list,
    );
    setInterval(() => this.#tick(), 250);
  }

  /** Show a room, and which of its seats is one's own. */
  show(room, me) {
    this.#room = room;
    this.#me = me;
    const taken = new Map([...room.seats.values()].map((seat) => [seat.seat, seat]));
    const count = Math.max(room.seatCount, ...taken.keys(), 0);
    this.element.classList.toggle("many", count > MAX_AROUND);
    this.element.classList.toggle("full", count > MAX_ROOMY);
    this.#setPlaces(count);
    for (const [number, place] of this.#places) this.#showSeat(place, taken.get(number) ?? null);
    this.#showCentre();
    this.#showLight();
    this.#tick();
  }

  #setPlaces(count) {
    if (this.#places.size === count) return;
    this.#places = new Map(Array.from({ length: count }, (_, index) => [index + 1, place(index, count)]));
    fill(this.#list, ...[...this.#places.values()].map(({ element }) => element));
  }

  #showSeat(place, seat) {
    const turn = seat && this.#room.turns.find((open) => open.name === seat.name);
    const { element, picture, name, note, about, hand } = place;
    element.classList.toggle("free", !seat);
    element.classList.toggle("holder", Boolean(turn));
    element.classList.toggle("mine", Boolean(seat) && seat.name === this.#me);
    element.classList.toggle("away", Boolean(seat) && seat.awayUntil !== null);
    element.classList.toggle(
      "done",
      Boolean(seat) && !turn && this.#room.round !== null && this.#room.done.has(seat.name),
    );
    place.turn = turn ?? null;
    if (!seat) {
      write(picture, "");
      write(name, t.freeSeat);
      element.removeAttribute("title");
    } else {
      tint(element, hueOf(seat.name));
      write(picture, initials(seat.name));
      writeName(name, seat.name);
      element.title = [seat.name, t[seat.kind] ?? "", seat.about].filter(Boolean).map(isolated).join(" · ");
    }
    write(note, seat ? this.#noteOf(seat, turn) : "");
    write(about, seat?.about ?? "");
    const queued = seat ? this.#room.requests.indexOf(seat.name) : -1;
    show(hand, queued >= 0);
    write(hand, queued >= 0 ? String(queued + 1) : "");
    hand.setAttribute("aria-label", `${t.asking}: ${queued + 1}`);
  }

  #noteOf(seat, turn) {
    if (turn) return seat.name === this.#me ? t.yourTurnNow : "";
    if (seat.awayUntil !== null) return t.awayMark;
    if (seat.isBenched) return t.benchMark;
    if (seat.name === this.#room.chair) return t.chairMark;
    if (seat.name === this.#me) return t.you;
    return seat.kind === "bot" ? t.bot : "";
  }

  #showCentre() {
    const room = this.#room;
    write(this.#round, room.round ? t.roundShort(room.round.round, room.round.of) : room.topic ? t.topic : "");
    write(this.#topic, room.topic ? room.topic.text : "");
    tell(this.#holder, this.#state());
  }

  #state() {
    const room = this.#room;
    switch (phaseOf(room)) {
      case "closed":
        return t.closedLong;
      case "gathering":
        if (room.seatCount === 0) return t.nobodyHere;
        return t.waitingGather(hereIn(room), room.seatCount);
      case "resting":
        return t.restingLong;
      default:
        if (room.pausedAt !== null) return t.pausedLong;
        if (room.policy === "open") return t.openFloor;
        if (room.turns.length === 0) return t.floorFree;
        if (room.turns.some((turn) => turn.name === this.#me)) return t.yourTurnNow;
        return room.turns.length === 1 ? t.hasFloor(isolated(room.turns[0].name)) : t.haveFloor(room.turns.length);
    }
  }

  // The light moves from seat to seat; where several have the floor it is everywhere, and each seat shines by itself.
  #showLight() {
    const lit = [...this.#places.values()].filter((place) => place.turn !== null);
    this.element.classList.toggle("lit", lit.length === 1);
    if (lit.length !== 1) return;
    this.#light.style.setProperty("--x", lit[0].x);
    this.#light.style.setProperty("--y", lit[0].y);
  }

  #tick() {
    if (!this.#room) return;
    let first = null;
    for (const place of this.#places.values()) {
      const { turn, ring } = place;
      const hasDeadline = turn !== null && turn.deadline !== null && this.#room.pausedAt === null;
      ring.classList.toggle("runs", hasDeadline);
      if (!hasDeadline) continue;
      const left = Math.max(0, turn.deadline - this.#clock.now());
      const whole = Math.max((turn.seconds ?? 0) * 1000, left, 1);
      ring.setAttribute("stroke-dashoffset", String(RING * (1 - left / whole)));
      place.element.classList.toggle("hurry", left < 5000);
      if (first === null || turn.name === this.#me) first = left;
    }
    write(this.#time, first === null ? "" : t.secondsLeft(Math.ceil(first / 1000)));
  }
}

// A long name is in two parts. Where there is little room each has a line of its own, so that names which begin alike
// can be told apart by their ends.
function writeName(element, name) {
  if (element.textContent === name) return;
  const letters = [...name];
  const end = letters.length > LONG_NAME ? endOf(letters) : "";
  const part = (className, text) => el("span", { class: className }, text);
  if (end) fill(element, part("beginning", name.slice(0, -end.length)), part("end", end));
  else write(element, name);
}

// Whole words, where there are any.
function endOf(letters) {
  const end = letters.slice(-NAME_END);
  const space = end.indexOf(" ");
  const isCut = space >= 0 && letters.at(-NAME_END - 1) !== " ";
  return end.slice(isCut ? space + 1 : 0).join("");
}

function place(index, count) {
  const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
  const x = 50 + 40 * Math.cos(angle);
  const y = 50 + 39 * Math.sin(angle);
  const ring = svg("circle", {
    class: "ring",
    cx: 25,
    cy: 25,
    r: 22,
    "stroke-dasharray": RING,
    "stroke-dashoffset": 0,
    transform: "rotate(-90 25 25)",
  });
  const picture = el("span", { class: "picture", "aria-hidden": "true" });
  const name = bdi("", "name");
  const note = el("span", { class: "note" });
  const about = bdi("", "about");
  const hand = el("span", { class: "hand", role: "img", hidden: true });
  const face = el(
    "span",
    { class: "face" },
    svg("svg", { viewBox: "0 0 50 50", "aria-hidden": "true" }, ring),
    picture,
    hand,
  );
  const element = el("li", { class: "place" }, face, el("span", { class: "who" }, name, note, about));
  element.style.setProperty("--x", `${x}%`);
  element.style.setProperty("--y", `${y}%`);
  return { element, picture, name, note, about, hand, ring, x: `${x}%`, y: `${y}%`, turn: null };
}
