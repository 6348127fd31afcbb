// Why the image that is shown scores what it does: what Python is asked, and what it has answered.

import { digits } from "../../lib/numbers.js";
/** @import { Data, Tells } from "../../evidence/data.js" */
/** @import { Life } from "../../lib/life.js" */
/** @import { Store } from "../store.js" */
/** @import { Room } from "../room.js" */
/** @import { Given } from "./content.js" */

const AHEAD_MS = 2000; // without anything new, after which the next image is asked about: its search takes the cores

export class Evidence {
  #wanted = { number: -1, row: 0, column: 0, k: 1 };
  #room;
  #ahead;

  /**
   * @param {Room} room
   * @param {Life} life
   */
  constructor(room, life) {
    this.#room = room;
    this.#ahead = life.timer();
  }

  /** @returns {Given<Data>} */
  given() {
    const { store, picked } = this.#room;
    const number = store.current();
    if (number < 0) return { busy: false, error: "No image is listed.", of: [], data: null };
    const { value, busy, error } = this.#image(number);
    if (busy || !value) return { busy, error, of: [], data: null };
    const patch = this.#patch(number);
    this.#ahead.set(AHEAD_MS, () => store.current() === number && this.#askAhead());
    const zone = zoneOf(store, number);
    const here = picked?.number === number ? picked : null;
    return {
      busy: false, error: "", of: [value, patch?.value, patch?.error, here?.count, zone],
      data: { image: value, patches: patch?.value ? [patch.value] : [], asks: true, keys: true, zooms: true, zone,
        error: patch?.error ?? "", picked: here },
    };
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  hear(name, value) {
    const { store, draw, zoom } = this.#room;
    if (name === "zoom") zoom(/** @type {Tells["zoom"]} */ (value));
    else {
      this.#wanted = { number: store.current(), .../** @type {Tells["wanted"]} */ (value) };
      queueMicrotask(draw); // the widget may still be drawing
    }
  }

  /** About the image that may be looked at next. */
  #askAhead() {
    const next = this.#room.store.neighbour(1);
    if (next !== undefined) this.#image(next);
  }

  /** @param {number} number */
  #image(number) {
    const { store, answers } = this.#room;
    return answers.of("evidence", [number, store.data.pictures.keys[number]], { number });
  }

  /**
   * The patch that is wanted, once it is there.
   * @param {number} number
   */
  #patch(number) {
    const { store, answers } = this.#room;
    const { number: of, row, column, k } = this.#wanted;
    if (of !== number) return null;
    const found = answers.of("patch", [number, store.data.pictures.keys[number], row, column, k],
      { number, row, column, k }, true);
    return found.busy ? null : found;
  }
}

/**
 * What the thresholds make of an image.
 * @param {Store} store
 * @param {number} number
 */
function zoneOf({ table, thresholds: { image, from } }, number) {
  const score = table.scores[number];
  if (Number.isNaN(image) || Number.isNaN(score)) return "";
  if (score >= image) return `NG, from ${digits(image)} up`;
  if (score >= from) return `review zone, from ${digits(from)} up to ${digits(image)}`;
  return `OK, below ${digits(Math.min(from, image))}`;
}
