// All of the evidence for an example, folded away until somebody wants to look into it.

import { mount } from "../evidence/evidence.js";
import { Child } from "../lib/child.js";
import { element } from "../lib/dom.js";
/** @import { Data } from "../evidence/data.js" */
/** @import { Life } from "../lib/life.js" */

const WORDS = "Look into it: the most similar good spots, and the score step by step";
const HELD = ["address", "photo"]; // fields that hold the address of a picture

/**
 * @param {Data} data
 * @param {string} css of the widget
 * @param {Life} life
 * @param {(address: string) => Promise<string>} get where a picture is by now
 */
export function detailsOf(data, css, life, get) {
  const child = new Child("framed", mount, css, () => {}, life);
  const made = element("details", "more", element("summary", "", WORDS), child.host);
  made.addEventListener("toggle", async () => child.show(await withAddresses(data, get)), { once: true });
  return made;
}

/**
 * The addresses of all pictures of the evidence.
 * @param {Data | null} data
 */
export function addressesOf(data) {
  /** @type {string[]} */
  const found = [];
  JSON.stringify(data, (name, value) => {
    if (HELD.includes(name) && value) found.push(value);
    return value;
  });
  return [...new Set(found)];
}

/**
 * The same data with other addresses.
 * @param {Data} data
 * @param {(address: string) => Promise<string>} get
 * @returns {Promise<Data>}
 */
async function withAddresses(data, get) {
  const known = new Map(await Promise.all(addressesOf(data).map(async (address) =>
    /** @type {[string, string]} */ ([address, await get(address).catch(() => "")]))));
  return JSON.parse(JSON.stringify(data), (name, value) => (HELD.includes(name) && value ? known.get(value) : value));
}
