// The pictures of rows that were looked at: asked for once the pointer rests (patches.js brings them), kept, let go.

import { say } from "../lib/events.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Timer } from "../lib/life.js" */

const REST_MS = 70;
const KEPT = 500;

export class Patches {
  /** @type {Map<string, { address: string, note: string }>} by row; address "" where there is no picture */
  #kept = new Map();

  #asking;

  /** @param {Timer} asking */
  constructor(asking) {
    this.#asking = asking;
  }

  /**
   * The address of a row's picture, "" where there is none, undefined before it has come.
   * @param {string} row
   */
  address(row) {
    return this.#kept.get(row)?.address;
  }

  /** @param {string} row */
  note(row) {
    return this.#kept.get(row)?.note;
  }

  /**
   * @param {string} channel
   * @param {string} row
   */
  askSoon(channel, row) {
    this.#asking.set(REST_MS, () => say("patch-wanted", { channel, row }));
  }

  /** @param {Events["patches"]["patches"]} come */
  take(come) {
    for (const [row, file, note] of come) {
      if (this.#kept.has(row)) continue;
      const address = file.length ? URL.createObjectURL(new Blob([/** @type {BlobPart} */ (file)])) : "";
      this.#kept.set(row, { address, note });
    }
    for (const row of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#forget(row);
    }
  }

  forgetAll() {
    for (const row of this.#kept.keys()) this.#forget(row);
  }

  /** @param {string} row */
  #forget(row) {
    const address = this.#kept.get(row)?.address;
    if (address) URL.revokeObjectURL(address);
    this.#kept.delete(row);
  }
}
