// Whether what Python hands in is up to date. Python hands back every choice that it was told; what it hands in while a
// later choice is under way, or from a run before it, must not turn the clock back. Anything else is its own wish.

const PATIENCE_MS = 5000; // how long Python may take to hand a choice back

/**
 * What was told to Python and has not come back.
 * @template T
 */
export class Replies {
  /** @type {{ value: T, time: number }[]} */
  #told = [];

  /** @type {T | undefined} what Python handed in last */
  #last = undefined;

  #same;
  #patience;

  /**
   * @param {(one: T, other: T) => boolean} [same]
   * @param {number} [patience] milliseconds, after which Python is believed again
   */
  constructor(same = (one, other) => one === other, patience = PATIENCE_MS) {
    this.#same = same;
    this.#patience = patience;
  }

  /**
   * Python is told this.
   * @param {T} value
   */
  tell(value) {
    this.#told.push({ value, time: performance.now() });
  }

  /**
   * Whether this, which Python hands in, is to be followed: it knows of all that it was told.
   * @param {T} value
   */
  isCurrent(value) {
    const now = performance.now();
    this.#told = this.#told.filter(({ time }) => now - time < this.#patience);
    const echo = this.#told.findIndex((one) => this.#same(one.value, value));
    const before = echo < 0 && this.#last !== undefined && this.#same(this.#last, value); // as if it had heard nothing
    this.#last = value;
    if (echo >= 0) this.#told = this.#told.slice(echo + 1);
    else if (!before) this.#told = []; // Python's own wish
    return this.#told.length === 0;
  }
}
