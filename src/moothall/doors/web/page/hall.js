/**
 * The hall: its rooms as cards that fill up, asked anew every 2 s while anybody looks, a way to go to a room by name,
 * and for the operator one to open a room with rules of its own.
 */

import { openRoom, pageUrl, rooms } from "./api.js";
import { bdi, el, field, fill, show, tell, tint, write } from "./dom.js";
import { frame } from "./frame.js";
import { isolated } from "./isolation.js";
import { hueOf, initials } from "./speaker.js";
import { TokenForm } from "./token_form.js";
import { t } from "./words.js";

const EVERY_MS = 2_000;
const MAX_DOTS = 12;

/** Show the hall, and keep it up to date. */
export function showHall() {
  const cards = new Map(); // name of a room → what shows it
  const list = el("ul", { class: "rooms" });
  const message = el("p", { class: "empty", role: "status" }, t.loadingRooms);
  frame(
    "hall",
    [],
    el("div", { class: "hall-lead" }, el("h1", {}, t.hall), el("p", {}, t.hallLead)),
    el("section", { class: "room-list", "aria-label": t.rooms }, el("h2", {}, t.rooms), message, list),
    el("div", { class: "hall-side" }, goForm(), operatorPart()),
  );
  document.title = `${t.hall} · Moothall`;

  let timer = null;
  const refresh = async () => {
    clearTimeout(timer);
    try {
      showRooms(await rooms(), cards, list);
      write(message, cards.size ? "" : t.noRooms);
    } catch {
      write(message, t.cannotReach);
    }
    show(message, message.textContent !== "");
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(refresh, EVERY_MS);
  };
  document.addEventListener("visibilitychange", () => !document.hidden && refresh());
  refresh();
}

// Cards stay the same elements, so that the focus stays where it is.
function showRooms(found, cards, list) {
  const names = new Set(found.map((room) => room.room));
  for (const [name, card] of cards) {
    if (names.has(name)) continue;
    card.element.remove();
    cards.delete(name);
  }
  for (const room of found) {
    if (!cards.has(room.room)) {
      const card = makeCard(room.room);
      cards.set(room.room, card);
      list.append(card.element);
    }
    showCard(cards.get(room.room), room);
  }
}

function makeCard(name) {
  const card = {
    phase: el("span", { class: "phase" }),
    topic: el("p", { class: "card-topic", dir: "auto" }),
    dots: el("div", { class: "dots", "aria-hidden": "true" }),
    names: el("p", { class: "card-names" }),
    figures: el("p", { class: "card-figures" }),
    shown: "",
  };
  card.element = el(
    "li",
    {},
    el(
      "a",
      { class: "card", href: pageUrl(name) },
      el("span", { class: "card-head" }, bdi(name, "card-name"), card.phase),
      card.topic,
      card.dots,
      card.names,
      card.figures,
    ),
  );
  return card;
}

function showCard(card, room) {
  const { at, ...rest } = room;
  const key = JSON.stringify(rest, (name, value) => (name === "left_ms" || name === "deadline" ? undefined : value));
  if (card.shown === key) return;
  card.shown = key;
  const holders = (room.turns ?? []).map((turn) => turn.name);
  const phase = room.paused ? "paused" : room.phase;
  write(card.phase, t.phase[phase] ?? phase);
  card.phase.dataset.phase = phase;
  write(card.topic, room.topic ?? "");
  fill(card.dots, ...dots(room, holders));
  tell(card.names, room.seated.map((seat) => isolated(seat.name)).join(", "));
  const round = room.round ? t.roundShort(room.round, room.of) : null;
  const floor = holders.length === 1 ? t.hasFloor(isolated(holders[0])) : null;
  tell(
    card.figures,
    [t.seatsTaken(room.seated.length, room.seats), room.watching ? t.watching(room.watching) : null, round, floor]
      .filter(Boolean)
      .join(" · "),
  );
}

function dots(room, holders) {
  const taken = new Map(room.seated.map((seat) => [seat.seat, seat]));
  const shown = Math.min(room.seats, MAX_DOTS);
  const made = Array.from({ length: shown }, (_, index) => {
    const seat = taken.get(index + 1);
    if (!seat) return el("span", { class: "dot free" });
    const state = [holders.includes(seat.name) && "holder", seat.away && "away"].filter(Boolean).join(" ");
    const dot = el("span", { class: `dot ${state}` }, initials(seat.name));
    return tint(dot, hueOf(seat.name));
  });
  return room.seats > shown ? [...made, el("span", { class: "more" }, `+${room.seats - shown}`)] : made;
}

function goForm() {
  const name = el("input", { type: "text", autocomplete: "off", spellcheck: "false", required: true });
  const go = (event) => {
    event.preventDefault();
    if (name.value.trim()) location.assign(pageUrl(name.value.trim()));
  };
  return el(
    "section",
    { class: "panel" },
    el("h2", {}, t.goToRoom),
    el(
      "form",
      { class: "control-line", onsubmit: go },
      field(t.roomName, name, t.goHint),
      el("button", { type: "submit", class: "button main" }, t.go),
    ),
  );
}

function operatorPart() {
  const open = openForm(() => token.refused());
  const token = new TokenForm((hasToken) => show(open, hasToken));
  return el("details", { class: "panel" }, el("summary", {}, el("h2", {}, t.operator)), token.element, open);
}

function openForm(forgotten) {
  const number = (value, least, most) => el("input", { type: "number", min: least, max: most, value, required: true });
  const name = el("input", { type: "text", autocomplete: "off", required: true });
  const topic = el("input", { type: "text", autocomplete: "off" });
  const seats = number(4, 1, 200);
  const rounds = number(1, 1, 1_000_000);
  const seconds = number(30, 0, 604_800);
  const policies = Object.entries(t.policies).filter(([policy]) => policy !== "custom");
  const policy = el("select", {}, ...policies.map(([value, words]) => el("option", { value }, words)));
  const stay = el("input", { type: "checkbox" });
  const refusal = el("p", { class: "refusal", role: "alert", lang: "en" });
  const submit = async (event) => {
    event.preventDefault();
    write(refusal, "");
    const settings = {
      room: name.value.trim(),
      seats: seats.valueAsNumber,
      policy: policy.value,
      rounds: rounds.valueAsNumber,
    };
    Object.assign(settings, { turn_seconds: seconds.valueAsNumber, afterwards: stay.checked ? "stay" : "disconnect" });
    if (topic.value.trim()) settings.agenda = [topic.value.trim()];
    try {
      await openRoom(settings);
      location.assign(pageUrl(settings.room));
    } catch (error) {
      if (error.status === 401) forgotten();
      else write(refusal, error.message || t.noAnswer);
    }
  };
  return el(
    "form",
    { class: "open-form", onsubmit: submit },
    el("h3", {}, t.openRoom),
    field(t.roomName, name),
    field(t.topicField, topic, t.topicHint),
    field(t.policyField, policy),
    el(
      "div",
      { class: "row" },
      field(t.seatsField, seats),
      field(t.roundsField, rounds),
      field(t.secondsField, seconds),
    ),
    el("label", { class: "check" }, stay, t.afterField),
    refusal,
    el("button", { type: "submit", class: "button main" }, t.openIt),
  );
}
