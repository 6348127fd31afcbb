// What is chosen in the viewer, here and by the page.

import { say } from "../lib/events.js";
import { Fields } from "../lib/replies.js";
import { same } from "../lib/values.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Emit, Life } from "../lib/life.js" */
/** @import { Pixel } from "./camera.js" */
/** @import { Data, Layer, Range, Tells, View } from "./payload.js" */

const REST_MS = 350; // zoom, pan and slider are reported once they rest

export class Store {
  /** @type {View} what is chosen */
  view;

  /** @type {Fields<View>} */
  #fields = new Fields();

  #resting; // of choices that are not reported yet
  #root;
  #emit;
  #repaint;

  /**
   * @param {Data} data what the page said last
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

  // ---- what the page says -----------------------------------------------------------------------------------------

  /**
   * The page hands in this. `shown` is the id of the picture on the screen.
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
   * Follow the page. Whether the box to zoom to is another.
   * @param {Data} data
   * @param {boolean} other whether the picture is another, whose box is the page's
   */
  #adopt({ view, serial }, other) {
    const { box, thresholds } = this.view;
    const layers = view.thresholds.length !== thresholds.length; // their number is another
    const all = /** @type {(keyof View)[]} */ (Object.keys(view));
    const names = this.#fields.followed(view, serial, layers ? all : other ? ["box"] : []);
    Object.assign(this.view, structuredClone(Object.fromEntries(names.map((name) => [name, view[name]]))));
    return layers || !same(box, this.view.box);
  }

  // ---- what is chosen here ----------------------------------------------------------------------------------------

  /**
   * @param {Partial<View>} fields
   * @param {number} [wait] milliseconds until the page is told
   */
  change(fields, wait = REST_MS) {
    Object.assign(this.view, fields);
    this.#fields.change(/** @type {(keyof View)[]} */ (Object.keys(fields)));
    this.#resting.set(wait, () => this.report());
    this.#repaint();
  }

  /** Tell the page now. */
  report() {
    this.#resting.stop();
    if (!this.#root.isConnected) return;
    this.#emit("view", { ...structuredClone(this.view), serial: this.#fields.tell(this.view) });
  }

  /** Tell the page now what rests. */
  settle() {
    if (this.#resting.runs) this.report();
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
    const thresholds = this.view.thresholds.with(number, value);
    if (number === 0 && follows) say("thresholds", { source: follows, low: value, high: value, by: this });
    this.change({ thresholds });
  }

  /**
   * A handle of an operating point moved. Whether this viewer follows it.
   * @param {Events["thresholds"]} moved
   */
  follow({ source, high, by }) {
    if (source !== this.data.follows || by === this) return false;
    this.view.thresholds[0] = high;
    this.#fields.change(["thresholds"]);
    return true;
  }

  /**
   * Limits of the colour scale of a layer; null: its own.
   * @param {number} number
   * @param {Range | null} limits
   */
  setLimits(number, limits) {
    this.change({ limits: this.view.limits.with(number, limits) }, 0);
  }

  /**
   * @param {Layer} layer
   * @param {number} number
   */
  limitsOf(layer, number) {
    return this.view.limits[number] ?? layer.limits;
  }
}
