// What the thresholds find and miss, a number each in a place of its own.

import { cssName, element, holds } from "../lib/dom.js";

/**
 * @typedef {object} Figure
 * @property {string} label it is known by it
 * @property {string} value as it is written
 * @property {string} [help]
 * @property {string} [colour] name of one in `colours`
 * @property {number} [room] characters of the longest value it may have, so that nothing moves
 */

export class Figures {
  root = element("div", "figures");
  /** @type {Map<string, { root: HTMLElement, number: HTMLElement }>} */
  #known = new Map();

  /** @param {Figure[]} figures */
  take(figures) {
    const shown = figures.map(({ label, value, help = "", colour = "", room = 3 }) => {
      const one = this.#known.get(label) ?? this.#made(label);
      if (one.number.textContent !== value) one.number.textContent = value;
      one.number.style.minWidth = `${room}ch`;
      one.root.title = help;
      one.root.style.setProperty("--mark", colour ? `var(--${cssName(colour)})` : "transparent");
      return one.root;
    });
    if (!holds(this.root, shown)) this.root.replaceChildren(...shown);
  }

  /** @param {string} label */
  #made(label) {
    const number = element("b", "n");
    const made = { root: element("span", "figure", label, " ", number), number };
    this.#known.set(label, made);
    return made;
  }
}
