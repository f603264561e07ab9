/**
 * One WebSocket: the JSON door's frames, each a message (docs/protocol/web.md §7). Sends what it is to join with as
 * soon as it is open, answers the server's pings, and ends itself when the server has been silent for too long. Never
 * connects again: that is `connection.js`.
 */

// The server speaks at least every 30 s, for it pings who is silent, and the answer to a ping is silence again.
const SILENCE_MS = 70_000;
const CONNECT_MS = 8_000;

export class Line {
  #socket;
  #silence;
  #isOver = false;
  #on;

  /**
   * Open a line to a room, and join with `frame`. `on.message(object)` for each message, `on.close()` once at the
   * end.
   */
  constructor(room, frame, on) {
    this.#on = on;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(`${scheme}//${location.host}/api/rooms/${encodeURIComponent(room)}`);
    this.#wait(CONNECT_MS);
    this.#socket.onopen = () => {
      this.#wait(SILENCE_MS);
      this.send(frame);
    };
    this.#socket.onmessage = ({ data }) => this.#read(data);
    this.#socket.onclose = () => this.#end();
  }

  /** Send a frame; one that cannot be sent now is dropped. Returns whether it was sent. */
  send(frame) {
    if (this.#isOver || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Let somebody else read on from here. */
  handOver(on) {
    this.#on = on;
  }

  /** Hang up without a word to anybody: `on.close` is not called. */
  close() {
    this.#isOver = true;
    clearTimeout(this.#silence);
    // One that is still being opened cannot be closed without a complaint of the browser's; then it ends as soon as
    // it is open.
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.onopen = () => this.#socket.close();
    else this.#socket.close();
  }

  #read(data) {
    if (this.#isOver) return;
    this.#wait(SILENCE_MS);
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return; // no line of the protocol: ignored, as json.md §10 says of what one doesn't know
    }
    if (message.reply === "ping") this.send({ do: "pong" });
    else this.#on.message(message);
  }

  #wait(ms) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end(), ms);
  }

  #end() {
    if (this.#isOver) return;
    this.close();
    this.#on.close();
  }
}
