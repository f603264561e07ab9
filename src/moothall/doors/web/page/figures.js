/**
 * The figures of one sitting, from its entries: each turn with its outcome and how long its clock ran, and for each
 * participant how much was said and how fast. Pure.
 *
 * Times are those of `moothall export`: since the grant, but for pauses and restarts.
 */

export class Figures {
  taken = 0; // how many entries; as long as it stays, so does all of this
  turns = []; // { name, turn, round, topic, from, to, tookMs, outcome, chars }; `to` is null while the turn is open
  names = []; // in the order of sitting down
  firstAt = null;
  lastAt = 0;
  #open = new Map(); // turn → its row
  #deadlines = new Map();
  #stopped = new Map(); // turn → milliseconds for which its clock stood still
  #pausedAt = null;
  #unpausedAt = null;
  #topic = "";
  #round = null;

  /** Take the next entry in. */
  take(event) {
    this.taken += 1;
    this.lastAt = event.at;
    switch (event.event) {
      case "sitting_opened":
        this.#restart();
        break;
      case "seated":
        if (!this.names.includes(event.name)) this.names.push(event.name);
        break;
      case "topic_opened":
        this.#topic = event.topic;
        this.#round = null;
        this.firstAt ??= event.at;
        break;
      case "round_opened":
        this.#round = event.round;
        break;
      case "paused":
        this.#pausedAt = event.at;
        break;
      case "unpaused":
        this.#unpause(event.at);
        break;
      case "floor_granted":
        this.#grant(event);
        break;
      case "reopened":
        this.#reopen(event);
        break;
      case "said":
        if (event.turn === null || event.turn === undefined) this.#utterance(event);
        else this.#end(event.turn, event.at, "said", [...event.text].length);
        break;
      case "passed":
        this.#end(event.turn, event.at, "passed");
        break;
      case "time_called":
        this.#end(event.turn, event.at, "missed");
        break;
      case "floor_revoked":
        this.#end(event.turn, event.at, "revoked");
        break;
      case "left":
      case "removed":
        this.#endOf(event.name, event.at, event.event === "left" ? "left" : "revoked");
        break;
      case "topic_closed":
      case "sitting_closed":
        for (const turn of [...this.#open.keys()]) this.#end(turn, event.at, "revoked");
        break;
    }
  }

  /**
   * Return a row for each participant: turns by outcome, characters and their share of all, answer times in
   * milliseconds.
   */
  rows() {
    const total = this.turns.reduce((sum, turn) => sum + turn.chars, 0);
    return this.names.map((name) => {
      const own = this.turns.filter((turn) => turn.name === name && turn.to !== null);
      const took = own.filter((turn) => turn.outcome === "said" && turn.tookMs !== null).map((turn) => turn.tookMs);
      const chars = own.reduce((sum, turn) => sum + turn.chars, 0);
      const of = (outcome) => own.filter((turn) => turn.outcome === outcome).length;
      return {
        name,
        turns: own.length,
        said: of("said"),
        passed: of("passed"),
        missed: of("missed"),
        chars,
        share: total ? chars / total : 0,
        median: median(took),
        slowest: took.length ? Math.max(...took) : null,
        took,
      };
    });
  }

  #restart() {
    this.turns = [];
    this.names = [];
    this.firstAt = null;
    this.#open.clear();
    this.#topic = "";
    this.#round = null;
    this.#pausedAt = null;
  }

  #grant({ name, turn, deadline, at }) {
    const row = {
      name,
      turn,
      round: this.#round,
      topic: this.#topic,
      from: at,
      to: null,
      tookMs: null,
      outcome: "open",
      chars: 0,
    };
    this.#open.set(turn, row);
    this.#deadlines.set(turn, deadline ?? null);
    this.#stopped.set(turn, 0);
    this.turns.push(row);
  }

  #utterance({ name, at, text }) {
    this.turns.push({
      name,
      turn: null,
      round: null,
      topic: this.#topic,
      from: at,
      to: at,
      tookMs: null,
      outcome: "said",
      chars: [...text].length,
    });
  }

  #end(turn, at, outcome, chars = 0) {
    const row = this.#open.get(turn);
    if (!row) return;
    this.#open.delete(turn);
    const end = this.#pausedAt ?? at;
    Object.assign(row, { to: at, outcome, chars, tookMs: Math.max(0, end - row.from - this.#stopped.get(turn)) });
  }

  #endOf(name, at, outcome) {
    for (const [turn, row] of this.#open) if (row.name === name) this.#end(turn, at, outcome);
  }

  #unpause(at) {
    if (this.#pausedAt === null) return;
    for (const turn of this.#open.keys()) this.#stopped.set(turn, this.#stopped.get(turn) + at - this.#pausedAt);
    this.#pausedAt = null;
    this.#unpausedAt = at;
  }

  #reopen({ turn, deadline, at }) {
    const before = this.#deadlines.get(turn);
    this.#deadlines.set(turn, deadline);
    // After a pause the pause itself has been counted; after a restart the new deadline tells how long the server was
    // away.
    if (this.#unpausedAt === at || before === null || before === undefined) return;
    this.#stopped.set(turn, this.#stopped.get(turn) + deadline - before);
  }
}

/** Return the figures of a list of entries. */
export function figuresOf(entries) {
  const figures = new Figures();
  entries.forEach((entry) => figures.take(entry));
  return figures;
}

function median(numbers) {
  if (!numbers.length) return null;
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
