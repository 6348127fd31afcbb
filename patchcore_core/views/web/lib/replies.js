// Whether what Python hands in is up to date. Python hands back every choice that it was told; what it hands in while a
// later choice is under way, or from a run before it, must not turn the clock back. Anything else is its own wish.

import { same } from "./values.js";

const PATIENCE_MS = 5000; // how long Python may take to hand a choice back; then it is believed again

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

  /**
   * @param {(one: T, other: T) => boolean} [same]
   */
  constructor(same = (one, other) => one === other) {
    this.#same = same;
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
    this.#told = this.#told.filter(({ time }) => now - time < PATIENCE_MS);
    const echo = this.#told.findIndex((one) => this.#same(one.value, value));
    const before = echo < 0 && this.#last !== undefined && this.#same(this.#last, value); // as if it had heard nothing
    this.#last = value;
    if (echo >= 0) this.#told = this.#told.slice(echo + 1);
    else if (!before) this.#told = []; // Python's own wish
    return this.#told.length === 0;
  }
}

/**
 * A record that a widget and its page both change. The page takes over what it is told, by serial number; what it hands
 * in is followed in each field, unless the field was changed here since and the page has merely not heard of it.
 * @template {object} T
 */
export class Fields {
  /** @type {T | null} what the page handed in last */
  #given = null;

  /** @type {Map<number, T>} what the page was told and has not heard, by serial number */
  #told = new Map();

  /** @type {Map<keyof T, number>} fields that were changed here, and the serial number under which they are told */
  #changed = new Map();

  #serial = 0; // of what was told last

  /** @param {(keyof T)[]} names of fields that were changed here */
  change(names) {
    for (const name of names) this.#changed.set(name, this.#serial + 1);
  }

  /**
   * The page is told this, under the serial number that is returned.
   * @param {T} record
   */
  tell(record) {
    this.#serial += 1;
    this.#told.set(this.#serial, structuredClone(record));
    return this.#serial;
  }

  /**
   * The fields in which the page is followed.
   * @param {T} given by the page
   * @param {number} serial of what it has heard last
   * @param {(keyof T)[]} always fields that are the page's alone now
   */
  followed(given, serial, always) {
    const known = [this.#given, this.#told.get(serial)];
    const names = /** @type {(keyof T)[]} */ (Object.keys(given)).filter((name) => {
      const heard = (this.#changed.get(name) ?? 0) <= serial;
      return heard || always.includes(name) || !known.some((one) => one && same(given[name], one[name]));
    });
    for (const name of names) this.#changed.delete(name);
    for (const one of this.#told.keys()) if (one <= serial) this.#told.delete(one);
    this.#given = given;
    this.#serial = Math.max(this.#serial, serial);
    return names;
  }
}
