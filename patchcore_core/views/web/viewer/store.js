// What is chosen in the viewer and what Python said: the one that is newer holds.

import { say } from "../lib/events.js";
import { Replies } from "../lib/replies.js";
import { same } from "../lib/values.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Emit, Life } from "../lib/life.js" */
/** @import { Pixel } from "./camera.js" */
/** @import { Box, Data, Layer, Range, Tells, View } from "./payload.js" */

const REST_MS = 350; // zoom, pan and slider are reported once they rest

export class Store {
  /** @type {View} what is chosen */
  view;

  /** @type {Replies<number>} serial numbers of reports */
  #reports = new Replies((one, other) => one === other, Infinity);

  /** @type {View | null} */
  #given = null;

  /** @type {Box | null | undefined} */
  #sentBox;

  #serial = 0;
  #resting; // of choices that are not reported yet
  #root;
  #emit;
  #repaint;

  /**
   * @param {Data} data what Python said last
   * @param {HTMLElement} root
   * @param {Emit<Tells>} emit
   * @param {Life} life
   * @param {() => void} repaint called whenever something is chosen here
   */
  constructor(data, root, emit, life, repaint) {
    this.data = data;
    this.view = structuredClone(data.view);
    this.#root = root;
    this.#emit = emit;
    this.#repaint = repaint;
    this.#resting = life.timer();
  }

  // ---- what Python says -------------------------------------------------------------------------------------------

  /**
   * Python says this. `shown` is the id of the picture on the screen.
   * @param {Data} data
   * @param {string | undefined} shown
   * @returns {boolean} whether the box to zoom to is another
   */
  take(data, shown) {
    this.data = data;
    const other = shown !== data.picture.id;
    return this.#adopt(data, other) || other;
  }

  /**
   * Follow the fields that Python changed, unless it has not yet heard of what was chosen here since. Whether the box
   * to zoom to is one of them.
   * @param {Data} data
   * @param {boolean} other whether the picture is another
   */
  #adopt({ view, serial }, other) {
    const stale = !this.#reports.isCurrent(serial) || this.#resting.runs;
    const fresh = !this.#given || view.thresholds.length !== this.view.thresholds.length;
    if (fresh) this.view = structuredClone(view);
    else if (other) this.view.box = view.box;
    if (stale && !fresh) return other;
    const names = /** @type {(keyof View)[]} */ (Object.keys(view));
    const changed = names.filter((name) => !same(view[name], this.#given?.[name]));
    Object.assign(this.view, structuredClone(Object.fromEntries(changed.map((name) => [name, view[name]]))));
    this.#given = view;
    this.#serial = serial;
    return fresh || (changed.includes("box") && !same(view.box, this.#sentBox));
  }

  // ---- what is chosen here ----------------------------------------------------------------------------------------

  /**
   * @param {Partial<View>} fields
   * @param {number} [wait] milliseconds until Python is told
   */
  change(fields, wait = REST_MS) {
    Object.assign(this.view, fields);
    this.#resting.set(wait, () => this.report());
    this.#repaint();
  }

  /** Tell Python now. */
  report() {
    this.#resting.stop();
    if (!this.#root.isConnected) return;
    this.#serial += 1;
    this.#reports.tell(this.#serial);
    this.#sentBox = this.view.box;
    this.#emit("view", { ...structuredClone(this.view), serial: this.#serial });
  }

  /** @param {Pixel | null} pixel */
  pick(pixel) {
    if (pixel) this.#emit("pixel", pixel);
  }

  /**
   * The threshold of a layer; said to those who follow the same operating point too.
   * @param {number} number
   * @param {number} value
   */
  setThreshold(number, value) {
    const { follows } = this.data;
    this.view.thresholds[number] = value;
    if (number === 0 && follows) say("thresholds", { source: follows, low: value, high: value, by: this });
    this.change({});
  }

  /**
   * A handle of an operating point moved. Whether this viewer follows it.
   * @param {Events["thresholds"]} moved
   */
  follow({ source, high, by }) {
    if (source !== this.data.follows || by === this) return false;
    this.view.thresholds[0] = high;
    return true;
  }

  /**
   * Limits of the colour scale of a layer; null: its own.
   * @param {number} number
   * @param {Range | null} limits
   */
  setLimits(number, limits) {
    this.view.limits[number] = limits;
    this.change({}, 0);
  }

  /**
   * @param {Layer} layer
   * @param {number} number
   */
  limitsOf(layer, number) {
    return this.view.limits[number] ?? layer.limits;
  }
}
