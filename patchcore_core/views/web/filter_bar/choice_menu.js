// A menu of boxes to tick, in a group for each filter that it sets; none ticked shows all.

import { element, holds } from "../lib/dom.js";
import { Menu } from "../lib/menu.js";
import { grouped } from "../lib/numbers.js";
/** @import { Life } from "../lib/life.js" */
/** @import { Change, Data, Option, Several } from "./filter_bar.js" */

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class ChoiceMenu {
  /** @type {Map<string, Row>} by filter and value */
  #rows = new Map();

  /** @type {Data | null} */
  #data = null;
  #change;
  #label;
  #filters;
  #menu;

  /**
   * @param {Life} life
   * @param {Change} change
   * @param {string} label
   * @param {Several[]} filters
   */
  constructor(life, change, label, filters) {
    this.#change = change;
    this.#label = label;
    this.#filters = filters;
    this.#menu = new Menu(life, { label: `Filter by ${label}`, opened: () => this.#fill() });
    this.root = this.#menu.root;
    this.#menu.panel.classList.add("choices");
    this.#menu.panel.addEventListener("keydown", (event) => this.#walk(event));
  }

  /** @param {Data} data */
  take(data) {
    this.#data = data;
    const { press } = this.#menu;
    const labels = this.#filters.flatMap((filter) => data.chosen[filter].map((value) =>
      data.options[filter].find((option) => option.value === value)?.label ?? value));
    const words = labels.length > 1 ? `${this.#label}: ${labels.length}` : labels[0] ?? this.#label;
    press.textContent = words;
    press.title = labels.length ? `${this.#label}: ${labels.join(", ")}` : `Filter by ${this.#label}`;
    press.setAttribute("aria-label", press.title);
    press.classList.toggle("set", labels.length > 0);
    press.hidden = !labels.length && this.#filters.every((filter) => data.options[filter].length === 0);
    if (this.#menu.isOpen) this.#fill();
  }

  #fill() {
    if (!this.#data) return;
    const { chosen, options } = this.#data;
    /** @type {Element[]} */
    const wanted = [];
    for (const filter of this.#filters) {
      for (const option of options[filter]) {
        const key = `${filter} ${option.value}`;
        const row = this.#rows.get(key) ?? new Row((ticked) => this.#tick(filter, option.value, ticked));
        this.#rows.set(key, row);
        row.show(option, chosen[filter].includes(option.value));
        wanted.push(row.root);
      }
    }
    if (!holds(this.#menu.panel, wanted)) this.#menu.panel.replaceChildren(...wanted);
  }

  /**
   * @param {Several} filter
   * @param {string} value
   * @param {boolean} ticked
   */
  #tick(filter, value, ticked) {
    const others = this.#data?.chosen[filter].filter((one) => one !== value) ?? [];
    this.#change({ [filter]: ticked ? [...others, value] : others });
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const boxes = [...this.#menu.panel.querySelectorAll("input")];
    const at = boxes.findIndex((box) => box === event.target);
    if (at < 0 || !(event.key in STEPS)) return;
    event.preventDefault();
    event.stopPropagation();
    boxes[(at + STEPS[event.key] + boxes.length) % boxes.length].focus();
  }
}

class Row {
  #box = element("input");
  #words = element("bdi", "words");
  #count = element("span", "number");
  root = element("label", "choice", this.#box, this.#words, this.#count);

  /** @param {(ticked: boolean) => void} tick */
  constructor(tick) {
    this.#box.type = "checkbox";
    this.#box.onchange = () => tick(this.#box.checked);
  }

  /**
   * @param {Option} option
   * @param {boolean} ticked
   */
  show({ label, count, help = "" }, ticked) {
    this.#box.checked = ticked;
    this.#words.textContent = label;
    this.#count.textContent = grouped(count);
    this.root.title = help;
    this.root.classList.toggle("none", count === 0);
  }
}
