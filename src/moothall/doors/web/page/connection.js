/**
 * One's stay in a room, for as long as the page is open: watching at first, then perhaps in a seat. It connects again
 * by itself, comes back to its seat, and hands each event on once and in order. Normative: docs/protocol/json.md §3,
 * §6 and §8.
 *
 * Knows nothing of the page. It tells `on`: `cleared()` forget all events so far · `event(event)` the next ·
 * `caughtUp()` what is past was read · `seat(name|null, why)` one has a seat, or none any more · `status(status)` ·
 * `refused(refusal)` · `waiting(place)` · `receipt(cid)` words were said · `returned(pending, refusal)` words were
 * not.
 */

import { pageUrl } from "./api.js";
import { Line } from "./line.js";
import { keepSeat, keptSeat } from "./storage.js";

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;
const SEAT_IS_GONE = ["key_unknown", "no_such_room", "room_full", "name_taken", "bad_name", "bad_value", "banned"];
const GONE_DELAY_MS = 4_000; // no such room: it may open any time, but need not

export class Connection {
  #room;
  #on;
  #line = null; // what events come on
  #trying = null; // a second one, while one takes a seat: one watches on meanwhile
  #seat = null; // { name, key }
  #pending = []; // { cid, text, turn }: words without a receipt, in order
  #cursor = null; // { epoch, from, seq }: reading started after `from`, and has come to `seq`
  #pastSeq = 0; // up to it one reads what is past
  #attempts = 0;
  #timer = null;
  #isEnding = false; // the last line has told why the server closes: nothing is lost

  constructor(room, on) {
    this.#room = room;
    this.#on = on;
    const kept = keptSeat(room);
    if (kept) {
      this.#seat = { name: kept.name, key: kept.key };
      this.#pending = kept.pending ?? [];
      // The page is new and has shown nothing yet: read on from where the former one began.
      this.#cursor = { epoch: kept.epoch, from: kept.from, seq: kept.from };
    }
    addEventListener("online", () => this.#now());
    document.addEventListener("visibilitychange", () => document.hidden || this.#now());
    this.#open();
  }

  /** The name in one's seat; null while one watches. */
  get name() {
    return this.#seat?.name ?? null;
  }

  /** Words that are on their way, { cid, text }, oldest first; null where there are none. */
  get unsaid() {
    return this.#pending[0] ?? null;
  }

  /** Ask for a seat; one watches on until it is there. With `wait`, in the line for one where the room is full. */
  takeSeat(name, { wait = false } = {}) {
    this.stopTrying();
    const frame = { do: "join", name, kind: "person", ...this.#place(), ...(wait ? { wait: true } : {}) };
    const line = new Line(this.#room, frame, {
      message: (message) => this.#tried(line, message),
      close: () => {
        this.#trying = null;
        this.#on.refused({ do: "join", reason: "unreachable", text: null });
      },
    });
    this.#trying = line;
  }

  /** Give up the asking for a seat, and one's place in the line. */
  stopTrying() {
    this.#trying?.close();
    this.#trying = null;
  }

  /** Say words, in a turn where there are turns. They are sent again until there is a receipt, or a refusal. */
  say(text, turn, cid = newCid()) {
    const words = { cid, text, turn };
    this.#pending.push(words);
    this.#keep();
    this.#sendWords(words);
  }

  /** Send any other frame; where there is no connection it is dropped. */
  send(frame) {
    return this.#line?.send(frame) ?? false;
  }

  #open() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#isEnding = false;
    this.#on.status({ is: this.#attempts === 0 ? "connecting" : "lost" });
    const line = new Line(this.#room, this.#joinFrame(), {
      message: (message) => this.#read(line, message),
      close: () => this.#lost(),
    });
    this.#line = line;
  }

  #joinFrame() {
    const who = this.#seat ? { ...this.#seat, kind: "person" } : { watch: true };
    return { do: "join", ...who, ...this.#place() };
  }

  #place() {
    return this.#cursor ? { epoch: this.#cursor.epoch, after: this.#cursor.seq } : {};
  }

  #read(line, message) {
    if (line !== this.#line) return;
    if (message.event !== undefined) this.#event(message);
    else if (["joined", "resumed", "gap", "reset"].includes(message.reply)) this.#entered(message);
    else if (message.reply === "said") this.#receipt(message.cid);
    else if (message.reply === "refused") this.#refused(message);
    else if (message.reply === "goodbye") this.#goodbye(message);
  }

  // What comes on the second line: an answer to the asking for a seat, and once it is there, everything.
  #tried(line, message) {
    if (line !== this.#trying) return;
    if (message.reply === "waiting") {
      this.#on.waiting(message.place);
    } else if (message.reply === "joined" && message.room.toLowerCase() !== this.#room.toLowerCase()) {
      this.#moveTo(message);
    } else if (message.reply === "joined") {
      this.#trying = null;
      this.#line?.close();
      this.#line = line;
      this.#moveOver(line);
      this.#seat = { name: message.name, key: message.key };
      this.#pending = [];
      this.#entered(message);
    } else if (message.reply === "refused" || message.reply === "goodbye") {
      this.stopTrying();
      this.#on.refused({ do: "join", ...message });
    }
  }

  // Asked for in any room (json.md §3), the seat is in another: that room's page comes back to it, after a reload too.
  #moveTo({ room, name, key, epoch, after }) {
    this.#trying = null;
    keepSeat(room, { name, key, epoch, from: after, pending: [] });
    location.replace(pageUrl(room));
  }

  // From now on this line is the one that is read, and that may be lost.
  #moveOver(line) {
    clearTimeout(this.#timer);
    this.#timer = null;
    line.handOver({ message: (message) => this.#read(line, message), close: () => this.#lost() });
  }

  #entered(reply) {
    const from = reply.reply === "gap" ? reply.first - 1 : reply.after;
    // The second line reads on from where the first one was when one asked, so it may bring a little again; see #event.
    const goesOn = reply.reply !== "reset" && this.#cursor?.epoch === reply.epoch && from <= this.#cursor.seq;
    if (!goesOn) {
      this.#cursor = { epoch: reply.epoch, from, seq: from };
      this.#on.cleared();
    }
    this.#attempts = 0;
    this.#pastSeq = reply.seq;
    this.#keep();
    this.#on.seat(this.name, null);
    this.#on.status({ is: "open", reply });
    this.#pending.forEach((words) => this.#sendWords(words));
    if (this.#cursor.seq >= this.#pastSeq) this.#on.caughtUp();
  }

  #event(event) {
    if (event.seq <= this.#cursor.seq) return;
    if (event.seq > this.#cursor.seq + 1) {
      // A hole, which the server never leaves: whatever made it, reading again from here closes it.
      this.#line.close();
      this.#lost();
      return;
    }
    this.#cursor.seq = event.seq;
    this.#on.event(event);
    if (event.event === "said" && event.name === this.name && event.cid) this.#receipt(event.cid);
    this.#endOf(event);
    if (event.seq === this.#pastSeq) this.#on.caughtUp();
  }

  // The events after which the server closes the connection, or the seat is no more. Those that are past were
  // another's.
  #endOf(event) {
    if (event.seq <= this.#pastSeq) return;
    const isMine = ["left", "removed"].includes(event.event) && event.name === this.name;
    const isAll = ["sitting_closed", "room_closed"].includes(event.event);
    if (!isMine && !isAll) return;
    this.#isEnding = true;
    if (this.#seat) this.#stand(event.event);
  }

  #stand(why) {
    this.#seat = null;
    const lost = this.#pending.splice(0);
    keepSeat(this.#room, null);
    this.#on.seat(null, why);
    if (lost.length) this.#on.returned(lost.at(-1), null);
  }

  #refused(refusal) {
    if (refusal.do === "join") {
      this.#refusedJoin(refusal);
      return;
    }
    const words = this.#pending.find(({ cid }) => cid === refusal.cid);
    if (words) {
      this.#pending = this.#pending.filter((other) => other !== words);
      this.#keep();
      this.#on.returned(words, refusal);
    } else {
      this.#on.refused(refusal);
    }
  }

  #refusedJoin(refusal) {
    if (this.#seat && !SEAT_IS_GONE.includes(refusal.reason)) {
      this.#line.close();
      this.#lost();
      return;
    }
    if (this.#seat) {
      // The key opens no seat any more: on the same line, watch.
      this.#stand(refusal.reason);
      this.#line.send(this.#joinFrame());
      return;
    }
    this.#on.status({ is: "refused", refusal });
    this.#line.close();
    if (refusal.reason !== "bad_name") this.#again(GONE_DELAY_MS);
  }

  #goodbye(message) {
    if (message.reason === "taken_over") this.#stand("taken_over");
    this.#isEnding = message.reason === "taken_over";
    if (message.retry_after) this.#attempts = Math.max(this.#attempts, 1);
  }

  #lost() {
    this.#line = null;
    if (this.#isEnding) {
      this.#again(FIRST_DELAY_MS);
      return;
    }
    const most = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    const delay = most * (0.5 + Math.random() / 2); // else all of a room's pages come back in one moment
    this.#on.status({ is: "lost", delay });
    this.#again(delay);
  }

  #again(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  #now() {
    if (this.#timer !== null) this.#open();
  }

  #receipt(cid) {
    if (!this.#pending.some((words) => words.cid === cid)) return;
    this.#pending = this.#pending.filter((words) => words.cid !== cid);
    this.#keep();
    this.#on.receipt(cid);
  }

  #sendWords({ cid, text, turn }) {
    this.send({ do: "say", text, cid, ...(turn === null ? {} : { turn }) });
  }

  #keep() {
    if (!this.#seat) return;
    const { epoch, from } = this.#cursor;
    keepSeat(this.#room, { ...this.#seat, epoch, from, pending: this.#pending });
  }
}

/** Return a word of one's own for an utterance. `crypto.randomUUID` is missing where a page comes over plain HTTP. */
export function newCid() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
