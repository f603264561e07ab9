/**
 * The room as its events add up to it: one event after another, each in the order of its seq. Pure: no page, no
 * clock, no network.
 *
 * Decides nothing: what is so is what the server said. Normative: docs/protocol/json.md §5. Events that are not known
 * count their seq and change nothing (§10).
 */

/** Return a room before its first event, of which nothing is known. */
export function emptyRoom(name) {
  return {
    name,
    seq: 0,
    at: 0,
    host: "Host",
    policy: "round-robin", // of the open topic, else of the next
    seatCount: 0,
    maxTextChars: 8000,
    sitting: 0,
    hasSitting: false,
    openedAt: 0,
    labels: {},
    isClosed: false,
    pausedAt: null,
    chair: null,
    topic: null, // { topic, text, host }
    topicsOpened: 0,
    queue: [],
    round: null, // { round, of, order }
    done: new Set(), // who has had the floor in this round
    requests: [],
    seats: new Map(), // name → { name, seat, kind, about, awayUntil, isBenched, missed }
    turns: [], // { name, turn, deadline, seconds, grantedAt }
    tally: { said: 0, passed: 0, missed: 0, left: 0 },
    lastEnd: null, // the last sitting_closed
    gone: null, // the seat that was given up last
  };
}

/** Change `room` by one event, which is the next. */
export function fold(room, event) {
  if (Number.isInteger(event.seq)) room.seq = event.seq;
  if (Number.isInteger(event.at)) room.at = event.at;
  CHANGES.get(event.event)?.(room, event);
}

/** Change `room` by the server's description of it (web.md §4): all that the events read so far may not tell. */
export function takeState(room, state) {
  room.host = state.host ?? room.host;
  room.seatCount = state.seats ?? room.seatCount;
  room.maxTextChars = state.max_text_chars ?? room.maxTextChars;
  room.policy = state.policy ?? room.policy;
  if (room.seq > state.seq) return;
  room.sitting = state.sitting ?? room.sitting;
  room.isClosed = state.phase === "closed";
  room.queue = [...(state.queue ?? [])];
  room.labels = state.labels ?? room.labels;
}

/** Return where the room is in its life: `gathering`, `talking`, `resting` or `closed`. */
export function phaseOf(room) {
  if (room.isClosed) return "closed";
  if (room.topic !== null) return "talking";
  return room.hasSitting && room.topicsOpened > 0 ? "resting" : "gathering";
}

/** Return how many are seated and not away. */
export function hereIn(room) {
  return [...room.seats.values()].filter((seat) => seat.awayUntil === null).length;
}

/** Return the open turn of a participant; null where there is none. */
export function turnOf(room, name) {
  return room.turns.find((turn) => turn.name === name) ?? null;
}

const CHANGES = new Map([
  [
    "room_opened",
    (room, { rules }) => {
      room.isClosed = false;
      room.host = rules?.host ?? room.host;
      room.policy = rules?.policy ?? room.policy;
      room.seatCount = rules?.seats ?? room.seatCount;
      room.maxTextChars = rules?.max_text_chars ?? room.maxTextChars;
    },
  ],
  [
    "sitting_opened",
    (room, { sitting, seats, labels, at }) => {
      Object.assign(room, { sitting, seatCount: seats, labels: labels ?? {}, openedAt: at, hasSitting: true });
      room.tally = { said: 0, passed: 0, missed: 0, left: 0 };
      room.topicsOpened = 0;
      room.lastEnd = null;
    },
  ],
  [
    "sitting_closed",
    (room, event) => {
      Object.assign(room, { hasSitting: false, pausedAt: null, chair: null, topicsOpened: 0, lastEnd: event });
      Object.assign(room, { topic: null, round: null, queue: [], requests: [], turns: [] });
      room.seats.clear();
    },
  ],
  [
    "room_closed",
    (room) => {
      room.isClosed = true;
    },
  ],
  [
    "topic_queued",
    (room, { topic }) => {
      room.queue.push(topic);
    },
  ],
  [
    "topic_opened",
    (room, { topic, text, host, policy }) => {
      Object.assign(room, { topic: { topic, text, host }, host, policy: policy ?? "round-robin", round: null });
      if (room.queue[0] === topic) room.queue.shift();
      room.topicsOpened += 1;
    },
  ],
  [
    "topic_closed",
    (room) => {
      Object.assign(room, { topic: null, round: null, turns: [], requests: [] });
    },
  ],
  [
    "round_opened",
    (room, { round, of, order }) => {
      room.round = { round, of: of ?? null, order: order ?? null };
      room.done.clear();
    },
  ],
  [
    "round_closed",
    (room) => {
      room.round = null;
    },
  ],
  [
    "chair_named",
    (room, { name }) => {
      room.chair = name ?? null;
    },
  ],
  [
    "paused",
    (room, { at }) => {
      room.pausedAt = at;
    },
  ],
  [
    "unpaused",
    (room) => {
      room.pausedAt = null;
    },
  ],
  [
    "seated",
    (room, { name, seat, kind, about }) => {
      room.seats.set(name, { name, seat, kind, about: about ?? "", awayUntil: null, isBenched: false, missed: 0 });
    },
  ],
  ["went_away", (room, { name, until }) => changeSeat(room, name, { awayUntil: until })],
  ["came_back", (room, { name }) => changeSeat(room, name, { awayUntil: null })],
  [
    "benched",
    (room, { name, missed }) => {
      changeSeat(room, name, { isBenched: true, missed });
      withdraw(room, name);
    },
  ],
  ["returned", (room, { name }) => changeSeat(room, name, { isBenched: false, missed: 0 })],
  ["left", giveUp],
  ["removed", giveUp],
  [
    "floor_requested",
    (room, { name }) => {
      room.requests.push(name);
    },
  ],
  ["floor_withdrawn", (room, { name }) => withdraw(room, name)],
  [
    "floor_granted",
    (room, { name, turn, deadline, seconds, at }) => {
      room.turns.push({ name, turn, deadline: deadline ?? null, seconds: seconds ?? null, grantedAt: at });
      room.done.add(name);
      withdraw(room, name);
    },
  ],
  [
    "reopened",
    (room, { turn, deadline }) => {
      const open = room.turns.find((other) => other.turn === turn);
      if (open) open.deadline = deadline;
    },
  ],
  ["said", (room, event) => endTurn(room, event, "said")],
  ["passed", (room, event) => endTurn(room, event, "passed")],
  [
    "time_called",
    (room, event) => {
      changeSeat(room, event.name, { missed: event.missed });
      endTurn(room, event, "missed");
    },
  ],
  ["floor_revoked", (room, event) => endTurn(room, event, null)],
]);

function changeSeat(room, name, changes) {
  const seat = room.seats.get(name);
  if (seat) Object.assign(seat, changes);
}

function withdraw(room, name) {
  if (room.requests.includes(name)) room.requests = room.requests.filter((other) => other !== name);
}

function endTurn(room, { turn }, outcome) {
  if (turn !== null && turn !== undefined) room.turns = room.turns.filter((other) => other.turn !== turn);
  if (outcome) room.tally[outcome] += 1;
}

function giveUp(room, { name }) {
  room.gone = room.seats.get(name) ?? null;
  room.seats.delete(name);
  room.turns = room.turns.filter((turn) => turn.name !== name);
  room.done.delete(name);
  withdraw(room, name);
  if (room.round?.order) room.round.order = room.round.order.filter((other) => other !== name);
  if (room.topicsOpened > 0) room.tally.left += 1;
}
