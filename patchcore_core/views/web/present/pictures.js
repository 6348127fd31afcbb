// The pictures of the screens: fetched once, ahead of their screen, and kept, so that a presentation goes on without its
// server. What stands at an address never changes.

/** @import { Life } from "../lib/life.js" */

const TRIES = 8; // a server may just be putting it there
const WAIT_MS = 250; // longer after each try

export class Pictures {
  /** @type {Map<string, Promise<string>>} address -> of the picture in this page */
  #known = new Map();
  #life;

  /** @param {Life} life */
  constructor(life) {
    this.#life = life;
    life.atEnd(() => this.#forget(new Set()));
  }

  /**
   * Show the picture of this address once it has come.
   * @param {HTMLImageElement} image
   * @param {string} address
   */
  async fill(image, address) {
    try {
      image.src = await this.get(address);
    } catch {
      image.replaceWith(image.alt && `${image.alt}: could not be loaded`);
    }
  }

  /**
   * Fetch these and keep no others.
   * @param {string[]} addresses
   */
  keep(addresses) {
    this.#forget(new Set(addresses));
    this.#life.whenIdle(() => {
      for (const address of addresses) this.get(address).catch(() => {});
    });
  }

  /**
   * Where the picture of this address is in this page, once it has come.
   * @param {string} address
   */
  get(address) {
    const known = this.#known.get(address);
    if (known) return known;
    const coming = fetched(address, this.#life.signal);
    coming.catch(() => this.#known.get(address) === coming && this.#known.delete(address));
    this.#known.set(address, coming);
    return coming;
  }

  /** @param {Set<string>} kept */
  #forget(kept) {
    for (const [address, coming] of this.#known) {
      if (kept.has(address)) continue;
      this.#known.delete(address);
      coming.then((url) => URL.revokeObjectURL(url), () => {});
    }
  }
}

/**
 * @param {string} address
 * @param {AbortSignal} signal
 */
async function fetched(address, signal) {
  for (let count = 1; ; count++) {
    const answer = await fetch(address, { signal });
    if (answer.ok) return URL.createObjectURL(await answer.blob());
    if (count === TRIES) throw new Error(answer.statusText);
    await new Promise((done) => setTimeout(done, count * WAIT_MS));
  }
}
