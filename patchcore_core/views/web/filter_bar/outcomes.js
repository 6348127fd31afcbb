// A button for each outcome, and one for all: those that are pressed are listed.

import { button, element, holds } from "../lib/dom.js";
import { grouped } from "../lib/numbers.js";
/** @import { Change, Data, Option } from "./filter_bar.js" */

const ALL = "";

export class Outcomes {
  /** @type {Map<string, Toggle>} by value */
  #toggles = new Map();

  #all;
  /** @type {string[]} */
  #chosen = [];

  /** @param {Change} change */
  constructor(change) {
    this.change = change;
    this.root = element("div", "outcomes");
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Outcome");
    this.#all = new Toggle({ value: "", label: "all", count: 0 }, () => change({ outcome: [] }));
  }

  /** @param {Data} data */
  take({ chosen: { outcome }, options, total }) {
    this.#chosen = outcome;
    this.#toggles = new Map(options.outcome.map((option) =>
      [option.value, this.#toggles.get(option.value) ?? new Toggle(option, () => this.#press(option.value))]));
    this.#all.show({ value: "", label: "all", count: total }, outcome.length === 0, total);
    for (const option of options.outcome) {
      this.#toggles.get(option.value)?.show(option, outcome.includes(option.value), total);
    }
    const wanted = [this.#all, ...this.#toggles.values()].map(({ root }) => root);
    if (!holds(this.root, wanted)) this.root.replaceChildren(...wanted);
    this.root.hidden = options.outcome.length < 2;
  }

  /**
   * List only the next one, or all.
   * @param {number} by
   */
  step(by) {
    const values = [ALL, ...this.#toggles.keys()];
    if (values.length < 2) return;
    const now = this.#chosen.length ? values.indexOf(this.#chosen[0]) : 0;
    const next = values[(now + by + values.length) % values.length];
    this.change({ outcome: next === ALL ? [] : [next] });
  }

  /** @param {string} value */
  #press(value) {
    const others = this.#chosen.filter((one) => one !== value);
    this.change({ outcome: others.length < this.#chosen.length ? others : [...others, value] });
  }
}

class Toggle {
  #words = element("span");
  #count = element("b");

  /**
   * @param {Option} option
   * @param {() => void} press
   */
  constructor({ value }, press) {
    this.root = button(this.#words, press, { name: "button toggle" });
    this.root.dataset.value = value;
    this.root.append(this.#count);
  }

  /**
   * The number has the width of the largest it may be, so nothing moves while it changes.
   * @param {Option} option
   * @param {boolean} pressed
   * @param {number} total
   */
  show({ label, count, help = "" }, pressed, total) {
    this.#words.textContent = label;
    this.#count.textContent = grouped(count);
    this.#count.style.minWidth = `${grouped(total).length}ch`;
    this.root.title = help;
    this.root.setAttribute("aria-pressed", String(pressed));
  }
}
