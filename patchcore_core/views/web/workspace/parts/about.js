// What is known of the images that are shown or likely next, by HTTP.

import { aboutAddress } from "../../lib/pictures.js";
/** @import { Pictures as Addresses, Wanted } from "../../lib/pictures.js" */
/** @import { ViewerPicture } from "../../viewer/payload.js" */

const KEPT = 40;

/**
 * @typedef {object} About
 * @property {ViewerPicture} picture
 * @property {Record<string, string>} panes
 * @property {string[]} changed files that are not those that were scored, a sentence each
 * @property {boolean} masks_changed whether the ground truth is another one than the figures are of
 * @property {string[]} notes
 * @property {string[]} [usual] panes that are shown where none are chosen; else as many as there are
 * @property {string} locked why the image takes no verdict, or ""
 */

export class Abouts {
  /** @type {Map<string, Promise<About>>} by address */
  #asked = new Map();
  /** @type {Map<string, About>} those of them that have come */
  #known = new Map();
  addresses;

  /** @param {Addresses} addresses */
  constructor(addresses) {
    this.addresses = addresses;
  }

  /**
   * What is known already; null where it has to be fetched.
   * @param {number} number
   * @param {Wanted} wanted
   */
  known(number, wanted) {
    return this.#known.get(aboutAddress(this.addresses, number, wanted)) ?? null;
  }

  /**
   * @param {number} number
   * @param {Wanted} wanted
   */
  of(number, wanted) {
    const address = aboutAddress(this.addresses, number, wanted);
    const found = this.#asked.get(address) ?? this.#fetched(address);
    this.#asked.delete(address);
    this.#asked.set(address, found);
    for (const one of this.#asked.keys()) {
      if (this.#asked.size <= KEPT) break;
      this.#asked.delete(one);
      this.#known.delete(one);
    }
    return found;
  }

  /** @param {string} address */
  #fetched(address) {
    const coming = fetched(address);
    coming.then((about) => this.#known.set(address, about), () => this.#asked.delete(address)); // asked for again
    return coming;
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
