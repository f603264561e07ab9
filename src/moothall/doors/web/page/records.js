/**
 * What the conversation shows of each event: who said what, headings, notices in the words of the text door. Pure.
 *
 * A record is { seq, at, kind, … }, of a kind that `conversation.js` knows how to show; names in the page's own
 * sentences are isolated. Normative for the notices: docs/protocol/text.md §4. Who has the floor is seen at the table,
 * so a granted floor is a record for its holder alone.
 */

import { hereIn, phaseOf } from "./fold.js";
import { isolated } from "./isolation.js";
import { joinNames, t } from "./words.js";

/**
 * Return the records of one event, in order, given the room after it and the name of who reads, which may be null.
 */
export function recordsOf(event, room, me = null) {
  const make = RECORDS.get(event.event);
  const made = make ? make(event, room, event.name !== undefined && event.name === me) : null;
  const list = made === null || made === undefined ? [] : [made].flat();
  return list.map((record) => ({ seq: event.seq, at: event.at, ...record }));
}

const notice = (text, tone = "plain") => ({ kind: "notice", text, tone });
const hostSays = (host, text, isOurs = false) => ({ kind: "said", name: host, text, isHost: true, isOurs });
const all = (names) => [...names].map(isolated);
const of = ({ name }) => isolated(name);

const RECORDS = new Map([
  ["sitting_opened", (event) => ({ kind: "sitting", sitting: event.sitting, labels: event.labels ?? {} })],
  ["sitting_started", (_, room) => notice(t.startsWith(hereIn(room), room.seatCount))],
  ["fill_asked", (event) => notice(t.fillAsked(event.count))],
  [
    "topic_opened",
    (event, room) =>
      [
        room.topicsOpened === 1 && room.seats.size > 0
          ? notice(t.sittingBegins(room.sitting, all(room.seats.keys())))
          : null,
        { kind: "topic", topic: event.topic, host: event.host, text: event.text },
        Object.hasOwn(t.policyNotice, event.policy) ? notice(t.policyNotice[event.policy]) : null,
      ].filter(Boolean),
  ],
  ["topic_queued", (event, room) => (room.topic ? notice(t.nextTopic(isolated(event.topic))) : null)],
  [
    "topic_closed",
    (event, room) => {
      const names = all(room.seats.keys());
      if (event.reason === "nobody_left") return names.length ? notice(t.nobodyToSpeak) : null;
      return hostSays(room.host, t.thankYou(joinNames(names)), true);
    },
  ],
  [
    "round_opened",
    (event) => {
      if (event.of === undefined || event.of === null)
        return event.round > 1 ? { kind: "round", text: t.round(event.round) } : null;
      return event.of > 1 ? { kind: "round", text: t.roundOf(event.round, event.of) } : null;
    },
  ],
  ["rules_set", (event) => notice(t.rulesSet(changesOf(event)))],
  [
    "chair_named",
    (event, room, isMine) => {
      if (!event.name) return notice(t.noChair);
      if (!room.seats.has(event.name)) return notice(t.chairKept(of(event)));
      return notice(isMine ? t.youChair : t.inChair(of(event)));
    },
  ],
  ["paused", () => notice(t.pausedNotice, "stop")],
  ["unpaused", () => notice(t.unpausedNotice)],
  ["room_closed", () => notice(t.roomClosedNotice, "end")],
  ["sitting_closed", (event, room) => notice(goodbye(event, room.tally), "end")],

  [
    "seated",
    (event, room, isMine) => {
      const words = isMine ? t.youAre(of(event), event.seat) : t.tookSeat(of(event), event.seat);
      return notice(`${words} ${t.here(hereIn(room), room.seatCount)}`, "seat");
    },
  ],
  ["went_away", (event) => notice(t.wentAway(of(event), Math.round((event.until - event.at) / 1000)), "away")],
  ["came_back", (event) => notice(t.cameBack(of(event)))],
  [
    "benched",
    (event, _, isMine) => notice(isMine ? t.youBenched(event.missed) : t.benched(of(event), event.missed), "missed"),
  ],
  [
    "returned",
    (event, room, isMine) => {
      if (!isMine) return notice(t.returned(of(event)));
      return notice(room.round ? `${t.youReturned} ${t.waitForRound}` : t.youReturned);
    },
  ],
  [
    "left",
    (event, room, isMine) => {
      if (isMine) return notice(event.reason === "asked" ? t.goodbye : t.youLost, "left");
      const words = event.reason === "restart" ? t.leftRestart(of(event)) : t.left(of(event));
      return notice(words + hereAgain(room), "left");
    },
  ],
  [
    "removed",
    (event, room, isMine) => {
      const missed = event.by === "host" && room.gone ? room.gone.missed : null;
      return notice(t.removed(of(event), event.by, missed, isMine) + (isMine ? "" : hereAgain(room)), "left");
    },
  ],

  [
    "floor_requested",
    (event, room, isMine) => {
      const before = room.requests.filter((name) => name !== event.name);
      return notice(isMine ? t.youAsk(before.length) : t.asks(of(event), all(before)), "hand");
    },
  ],
  ["floor_withdrawn", (event, _, isMine) => notice(isMine ? t.youAskNoMore : t.asksNoMore(of(event)))],
  ["floor_granted", (event, _, isMine) => (isMine ? notice(t.yourTurn(event.seconds ?? null), "own") : null)],
  ["said", (event, _, isMine) => ({ kind: "said", name: event.name, text: event.text, isMine, isHost: false })],
  ["passed", (event, _, isMine) => notice(isMine ? t.youPassed : t.passed(of(event)), "passed")],
  ["time_called", (event, _, isMine) => notice(isMine ? t.timeCalledYou : t.timeCalled(of(event)), "missed")],
  ["floor_revoked", (event, _, isMine) => notice(t.revoked(of(event), event.by, isMine), "missed")],
  ["host_said", (event) => hostSays(event.host, event.text)],
]);

function hereAgain(room) {
  return phaseOf(room) === "gathering" && room.seats.size > 0 ? ` ${t.here(hereIn(room), room.seatCount)}` : "";
}

/** Return the last notice of a sitting: what became of its turns. */
export function goodbye(event, tally) {
  const parts = t.tally(tally).join(", ");
  if (event.reason === "nobody_left" && event.afterwards === "stay") return t.sittingOver(parts);
  const why = { operator: t.closedByOperator, short: t.tooFew }[event.reason];
  return [t.goodbye, why, `${parts}.`].filter(Boolean).join(" ");
}

function changesOf(event) {
  const rules = Object.entries(event).filter(([key, value]) => !["event", "seq", "at"].includes(key) && value !== null);
  return rules.map(([rule, value]) => `${isolated(rule)} ${isolated(ruleText(value))}`).join(", ");
}

function ruleText(value) {
  const isObject = typeof value === "object";
  const text = isObject
    ? Object.entries(value)
        .map(([name, seconds]) => `${name}=${seconds}`)
        .join(", ")
    : String(value);
  return text || t.none;
}
