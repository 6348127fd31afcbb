// The strip of the operating point.

import { mount } from "../../threshold_strip/threshold_strip.js";
import { Child } from "../child.js";
import { stripData } from "./strip_face.js";
/** @import { Life } from "../../lib/life.js" */
/** @import { Tells } from "../../threshold_strip/threshold_strip.js" */
/** @import { State } from "../data.js" */
/** @import { Store } from "../store.js" */

/**
 * @typedef {object} Acts
 * @property {(level: State["level"]) => void} level
 * @property {(which: keyof State["named"], name: string) => void} named
 * @property {(ends: [low: number, high: number]) => void} released of the level that is seen
 * @property {() => void} open the full histogram, or close it
 * @property {() => boolean} isOpen
 */

export class Strip {
  child;
  #acts;

  /**
   * @param {string} css of the strip
   * @param {Acts} acts
   * @param {Life} life
   */
  constructor(css, acts, life) {
    this.#acts = acts;
    this.child = new Child("strip", mount, css, (name, value) => this.#tell(name, value), life);
  }

  /**
   * @param {Store} store
   * @param {number} from where the handles of images stand
   * @param {number} image
   */
  show(store, from, image) {
    this.child.show(stripData(store, from, image, this.#acts.isOpen()));
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  #tell(name, value) {
    const { level, named, released, open } = this.#acts;
    if (name === "open") open();
    else if (name === "level") level(/** @type {Tells["level"]} */ (value));
    else if (name === "released") {
      const { low, high } = /** @type {Tells["released"]} */ (value);
      released([low, high]);
    } else if (name === "named") {
      const { level: of, which, name: point } = /** @type {Tells["named"]} */ (value);
      named(of === "pixels" ? "pixel_threshold" : which === "low" ? "review_from" : "threshold", point);
    }
  }
}
