// The first line: the run, and the strip of the operating point.

import { element } from "../lib/dom.js";
import { mount } from "../threshold_strip/threshold_strip.js";
import { Child } from "./child.js";
import { stripData } from "./strip_face.js";
/** @import { Life } from "../lib/life.js" */
/** @import { Tells } from "../threshold_strip/threshold_strip.js" */
/** @import { State } from "./data.js" */
/** @import { Store } from "./store.js" */

/**
 * @typedef {object} Acts
 * @property {(fields: Partial<State>) => void} change
 * @property {(ends: [low: number, high: number]) => void} released of the level that is seen
 * @property {() => void} open the full histogram, or close it
 * @property {() => boolean} isOpen
 */

export class Head {
  #run = element("strong", "run");
  #strip;
  #acts;
  /** @type {State["named"] | null} */
  #named = null;

  /**
   * @param {string} css of the strip
   * @param {Acts} acts
   * @param {Life} life
   */
  constructor(css, acts, life) {
    this.#acts = acts;
    this.#strip = new Child("strip", mount, css, (name, value) => this.#tell(name, value), life);
    this.root = element("header", "head", this.#run, this.#strip.host);
  }

  /**
   * @param {Store} store
   * @param {number} from where the handles of images stand
   * @param {number} image
   */
  show(store, from, image) {
    this.#named = store.state.named;
    this.#run.textContent = this.#run.title = store.data.run.label;
    this.#strip.show(stripData(store, from, image, this.#acts.isOpen()));
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  #tell(name, value) {
    const { change, released, open } = this.#acts;
    if (name === "open") open();
    else if (name === "level") change({ level: /** @type {Tells["level"]} */ (value) });
    else if (name === "released") {
      const { low, high } = /** @type {Tells["released"]} */ (value);
      released([low, high]);
    } else if (name === "named" && this.#named) {
      const { level, which, name: point } = /** @type {Tells["named"]} */ (value);
      const parameter = level === "pixels" ? "pixel_threshold" : which === "low" ? "review_from" : "threshold";
      change({ named: { ...this.#named, [parameter]: point } });
    }
  }
}
