// What is known of the images that are shown or likely next, by HTTP.

import { aboutAddress } from "../lib/pictures.js";
/** @import { Pictures as Addresses } from "../lib/pictures.js" */
/** @import { ViewerPicture } from "../viewer/payload.js" */

const KEPT = 40;

/**
 * @typedef {object} About
 * @property {ViewerPicture} picture
 * @property {Record<string, string>} panes
 * @property {string[]} changed
 * @property {string[]} notes
 */

export class Pictures {
  /** @type {Map<string, Promise<About>>} by address */
  #known = new Map();
  addresses;

  /** @param {Addresses} addresses */
  constructor(addresses) {
    this.addresses = addresses;
  }

  /**
   * @param {number} number
   * @param {string} beside a second run, or ""
   */
  about(number, beside) {
    const address = aboutAddress(this.addresses, number, beside);
    const found = this.#known.get(address) ?? fetched(address);
    this.#known.delete(address);
    this.#known.set(address, found);
    found.catch(() => this.#known.delete(address)); // it may be asked for again
    for (const one of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(one);
    }
    return found;
  }
}

/**
 * @param {string} address
 * @returns {Promise<About>}
 */
async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error((await answer.text()) || `the server answered ${answer.status}`);
  return answer.json();
}
