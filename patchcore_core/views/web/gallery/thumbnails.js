// The pictures of the cards: fetched from their addresses a few at a time while they are in view, kept, and let go
// again. Not left to `img` elements: what has scrolled away is not waited for, and the server's words are shown.

/** @import { Timer } from "../lib/life.js" */

const REST_MS = 30; // pictures are fetched once scrolling rests
const AGAIN_MS = 5000; // after the server could not be reached
const AT_ONCE = 4; // of the six that a browser asks of one server at a time, so that a photo need not wait
const KEPT = 3000; // pictures

/**
 * @typedef {object} Thumbnail
 * @property {string} url of the picture in this page, "" where there is none
 * @property {string} note what is to be said of it
 */

export class Thumbnails {
  /** @type {Map<string, Thumbnail>} by the address on the server */
  #known = new Map();
  /** @type {Map<string, AbortController>} */
  #coming = new Map();
  /** @type {string[]} addresses of what is in view */
  #wanted = [];
  #starting;
  #come;

  /**
   * @param {Timer} starting
   * @param {() => void} come called when pictures have come
   */
  constructor(starting, come) {
    this.#starting = starting;
    this.#come = come;
  }

  /**
   * Undefined before it has come.
   * @param {string} address
   */
  get(address) {
    return address ? this.#known.get(address) : { url: "", note: "" };
  }

  /**
   * Fetch those of these that are lacking, in this order, and no others.
   * @param {string[]} addresses
   */
  want(addresses) {
    this.#wanted = addresses;
    this.#starting.set(REST_MS, () => this.#fetchSome());
  }

  forgetAll() {
    this.#wanted = [];
    for (const fetching of this.#coming.values()) fetching.abort();
    for (const address of this.#known.keys()) this.#forget(address);
  }

  #fetchSome() {
    const wanted = new Set(this.#wanted);
    for (const [address, fetching] of this.#coming) {
      if (wanted.has(address)) continue;
      fetching.abort();
      this.#coming.delete(address); // its place is free at once: nobody asks again when it has ended
    }
    for (const address of wanted) {
      if (this.#coming.size >= AT_ONCE) return;
      if (address && !this.#known.has(address) && !this.#coming.has(address)) this.#fetch(address);
    }
  }

  /** @param {string} address */
  async #fetch(address) {
    const stopping = new AbortController();
    this.#coming.set(address, stopping);
    try {
      const answer = await fetch(address, { signal: stopping.signal });
      this.#known.set(address, await read(answer));
    } catch {
      if (!stopping.signal.aborted) this.#starting.set(AGAIN_MS, () => this.#fetchSome());
      return;
    } finally {
      if (this.#coming.get(address) === stopping) this.#coming.delete(address);
    }
    this.#forgetSome();
    this.#come();
    this.#fetchSome();
  }

  /** Where there are too many, let go of what is not in view, the oldest first. */
  #forgetSome() {
    const wanted = new Set(this.#wanted);
    for (const address of this.#known.keys()) {
      if (this.#known.size <= KEPT) return;
      if (!wanted.has(address)) this.#forget(address);
    }
  }

  /** @param {string} address */
  #forget(address) {
    const url = this.#known.get(address)?.url;
    if (url) URL.revokeObjectURL(url);
    this.#known.delete(address);
  }
}

/**
 * The picture and the server's note on it, or its reason why there is none.
 * @param {Response} answer
 * @returns {Promise<Thumbnail>}
 */
async function read(answer) {
  if (!answer.ok) return { url: "", note: await answer.text() };
  const picture = await answer.blob();
  const note = answer.headers.get("x-note") ?? "";
  return { url: picture.type.startsWith("image/") ? URL.createObjectURL(picture) : "", note };
}
