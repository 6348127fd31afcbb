// Recalls as a list of buttons, a bar each with the whiskers of its interval.

import { button, element, focused, holds } from "../lib/dom.js";
import { grouped } from "../lib/numbers.js";
/** @import { Choice } from "./tally.js" */

/**
 * @typedef {object} Recall
 * @property {string} name its row is known by it
 * @property {number} found
 * @property {number} total
 * @property {[low: number, high: number]} interval NaN where it is not known
 * @property {string} words the tooltip and what is read out
 */

export class Bars {
  /** @type {Map<string, Row>} by name */
  #rows = new Map();

  #body;
  #choose;

  /**
   * @param {HTMLElement} body where the rows stand
   * @param {(choice: Choice) => void} choose
   */
  constructor(body, choose) {
    this.#body = body;
    this.#choose = choose;
  }

  /**
   * Keep a row for each of these choices, in this order, and the focus on it; a sentence where there is none.
   * @param {{ name: string, choice: Choice }[]} bars
   * @param {string} sentence
   */
  list(bars, sentence) {
    const body = this.#body;
    const rows = bars.map(({ name, choice }) => {
      const row = this.#rows.get(name) ?? new Row(name, choice, this.#choose);
      return Object.assign(row, { choice });
    });
    this.#rows = new Map(bars.map(({ name }, place) => [name, rows[place]]));
    const wanted = rows.length ? rows.map(({ root }) => root) : [element("div", "note", sentence)];
    if (holds(body, wanted)) return;
    const held = focused(body);
    const top = body.scrollTop;
    body.replaceChildren(...wanted);
    body.scrollTop = top;
    wanted.find((row) => row === held)?.focus({ preventScroll: true });
  }

  /** @param {Set<string>} chosen names */
  mark(chosen) {
    for (const [name, { root }] of this.#rows) root.setAttribute("aria-pressed", String(chosen.has(name)));
  }

  /** @param {Recall} recall */
  show(recall) {
    this.#rows.get(recall.name)?.show(recall);
  }
}

class Row {
  #bar = element("span", "bar");
  #whisker = element("span", "whisker");
  #number = element("span", "number");

  /**
   * @param {string} name
   * @param {Choice} choice
   * @param {(choice: Choice) => void} choose
   */
  constructor(name, choice, choose) {
    this.choice = choice;
    this.root = button(element("span", "name", name || "(no name)"), () => choose(this.choice), { name: "row" });
    this.root.append(element("span", "track", this.#bar, this.#whisker), this.#number);
  }

  /** @param {Recall} recall */
  show({ found, total, interval: [low, high], words }) {
    this.#bar.style.width = `${(100 * found) / total}%`;
    this.#whisker.hidden = Number.isNaN(low);
    this.#whisker.style.left = `${100 * low}%`;
    this.#whisker.style.width = `${100 * (high - low)}%`;
    this.#number.textContent = `${grouped(found)}/${grouped(total)}`;
    this.root.title = words;
    this.root.setAttribute("aria-label", words);
    Object.assign(this.root.dataset, { found, total, low, high });
  }
}
