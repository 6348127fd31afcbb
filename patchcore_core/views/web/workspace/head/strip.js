// The strip of the operating point.

import { mount } from "../../threshold_strip/threshold_strip.js";
import { Child } from "../../lib/child.js";
import { stripData, useOf } from "./strip_face.js";
/** @import { Life } from "../../lib/life.js" */
/** @import { Tells } from "../../threshold_strip/threshold_strip.js" */
/** @import { Room } from "../room.js" */

/**
 * @typedef {object} Acts
 * @property {() => void} open the full histogram, or close it
 * @property {() => boolean} isOpen
 */

export class Strip {
  child;
  #acts;
  #room;
  #sent = 0; // number of the last wish to use thresholds, or not to

  /**
   * @param {string} css of the strip
   * @param {Acts} acts
   * @param {Room} room
   * @param {Life} life
   */
  constructor(css, acts, room, life) {
    this.#acts = acts;
    this.#room = room;
    this.child = new Child("strip", mount, css, (name, value) => this.#hear(name, value), life);
  }

  /** The run is another. */
  begin() {
    this.#sent = 0;
  }

  /**
   * @param {number} from where the handles of images stand
   * @param {number} image
   */
  show(from, image) {
    const { store, answers } = this.#room;
    const told = answers.told("used");
    const busy = this.#sent > (told?.seq ?? 0);
    this.child.show(stripData(store, { from, image, open: this.#acts.isOpen(),
      refused: busy ? "being stored …" : "", failed: told?.error ?? "" }));
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  #hear(name, value) {
    const { store, change, release, draw, outbox } = this.#room;
    if (name === "open") this.#acts.open();
    else if (name === "level") change({ level: /** @type {Tells["level"]} */ (value) });
    else if (name === "released") {
      const { level, low, high } = /** @type {Tells["released"]} */ (value);
      release(level, [low, high]);
    } else if (name === "named") {
      const { level: of, which, name: point } = /** @type {Tells["named"]} */ (value);
      store.setNamed(of === "pixels" ? "pixel_threshold" : which === "low" ? "review_from" : "threshold", point);
      draw();
    } else {
      this.#sent = outbox.put(name === "use" ? useOf(store) : { kind: "release", key: "used" });
      draw();
    }
  }
}
