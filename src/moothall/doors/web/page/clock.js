/**
 * The server's time, whatever this machine's own clock says. It never asks: it learns from the moments that events
 * carry.
 */

export class ServerClock {
  #offset = -Infinity; // milliseconds between the server's time and `performance.now()`

  /** Learn that the server's time was `at` at or before this moment. What came late says less, so the most counts. */
  observe(at) {
    if (Number.isFinite(at)) this.#offset = Math.max(this.#offset, at - performance.now());
  }

  /** Forget what was learned: after a lost connection the machine may have slept, and its clock stood still. */
  reset() {
    this.#offset = -Infinity;
  }

  /** Return the server's time in milliseconds since 1970; before anything was learned, this machine's. */
  now() {
    return Number.isFinite(this.#offset) ? performance.now() + this.#offset : Date.now();
  }
}
