// The pictures of the cards: asked for a few at a time (pictures.js brings them), kept, and let go again.

import { say } from "../lib/events.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Timer } from "../lib/life.js" */

const ASK_MS = 60; // pictures are asked for once scrolling rests
const ASK_AGAIN_MS = 5000;
const AT_ONCE = 24; // pictures asked for in one go
const KEPT = 3000; // pictures

export class Thumbnails {
  /** @type {Map<string, string>} id -> address of its picture, "" where it is not readable */
  #addresses = new Map();

  /** @type {Map<string, string>} id -> what is to be said of it */
  #notes = new Map();

  #asked = -Infinity; // when, while no answer has come

  #asking;

  /** @param {Timer} asking */
  constructor(asking) {
    this.#asking = asking;
  }

  /**
   * Its address, "" where it is not readable, undefined before it has come.
   * @param {string} id
   */
  address(id) {
    return this.#addresses.get(id);
  }

  /** @param {string} id */
  note(id) {
    return this.#notes.get(id);
  }

  /**
   * Ask for those of these pictures that are lacking, and again where no answer comes.
   * @param {string} channel
   * @param {string[]} ids
   */
  askSoon(channel, ids) {
    this.#asking.stop();
    const lacking = ids.filter((id) => !this.#addresses.has(id));
    if (!lacking.length) return;
    const waited = performance.now() - this.#asked; // one question at a time: the next would cut its run short
    this.#asking.set(Math.max(ASK_MS, ASK_AGAIN_MS - waited), () => {
      this.#asked = performance.now();
      say("pictures-wanted", { channel, ids: lacking.slice(0, AT_ONCE) });
      this.askSoon(channel, ids);
    });
  }

  /**
   * Take what has come; where that is too much, let go of what is not shown, the oldest first.
   * @param {Events["pictures"]["pictures"]} pictures
   * @param {Set<string>} shown
   */
  take(pictures, shown) {
    this.#asked = -Infinity;
    for (const [id, file, note] of pictures) {
      if (this.#addresses.has(id)) continue;
      if (note) this.#notes.set(id, note);
      this.#addresses.set(id, file.length ? URL.createObjectURL(new Blob([/** @type {BlobPart} */ (file)])) : "");
    }
    for (const id of this.#addresses.keys()) {
      if (this.#addresses.size <= KEPT) break;
      if (!shown.has(id)) this.#forget(id);
    }
  }

  forgetAll() {
    for (const id of this.#addresses.keys()) this.#forget(id);
  }

  /** @param {string} id */
  #forget(id) {
    const address = this.#addresses.get(id);
    if (address) URL.revokeObjectURL(address);
    this.#addresses.delete(id);
    this.#notes.delete(id);
  }
}
