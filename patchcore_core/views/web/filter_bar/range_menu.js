// A menu of two fields, from and to; an empty one is open.

import { button, element } from "../lib/dom.js";
import { Menu } from "../lib/menu.js";
import { digits, grouped, typedNumber } from "../lib/numbers.js";
/** @import { Life } from "../lib/life.js" */
/** @import { Change, Data, Range } from "./filter_bar.js" */

export class RangeMenu {
  #menu;
  #fields;
  #clear;
  /** @type {Range | null} */
  #chosen = null;
  /** @type {Range} */
  #whole = [NaN, NaN];

  /**
   * @param {Life} life
   * @param {Change} change
   * @param {"size" | "score"} name
   * @param {string} unit
   */
  constructor(life, change, name, unit) {
    this.name = name;
    this.unit = unit;
    this.change = change;
    this.#menu = new Menu(life, { label: `Filter by ${name}`, opened: () => this.#fill() });
    this.#fields = ["from", "to"].map((words) => this.#field(words));
    this.#clear = button("Any", () => change({ [name]: null }), { name: "button" });
    this.root = this.#menu.root;
    const what = name === "size" ? "Area of a true defect region, in pixels of the anomaly map" : "Image score";
    this.#menu.panel.append(element("div", "about", what), element("div", "range",
      ...this.#fields.flatMap((field) => [element("label", "", field.title, field)]), this.#clear));
  }

  /** @param {Data} data */
  take(data) {
    const whole = this.name === "size" ? data.sizes : data.scores;
    const { press } = this.#menu;
    this.#chosen = data.chosen[this.name];
    press.hidden = !whole && !this.#chosen;
    this.#whole = whole ?? [NaN, NaN];
    press.textContent = this.#chosen ? this.#said(this.#chosen) : this.name;
    press.title = this.#chosen ? `${this.name}: ${this.#said(this.#chosen)} ${this.unit}`.trim() : `Filter by ${this.name}`;
    press.setAttribute("aria-label", press.title);
    press.classList.toggle("set", this.#chosen !== null);
    if (this.#menu.isOpen) this.#fill();
  }

  #fill() {
    this.#fields.forEach((field, end) => {
      const value = this.#chosen?.[end];
      field.placeholder = this.#written(this.#whole[end]);
      if (!field.matches(":focus")) field.value = Number.isFinite(value) ? String(value) : "";
    });
    this.#clear.disabled = this.#chosen === null;
  }

  /** @param {string} words */
  #field(words) {
    const field = Object.assign(element("input", "field"), { type: "text", inputMode: "decimal", title: words });
    field.onchange = () => this.#tell();
    field.onkeydown = (event) => {
      if (event.key !== "Escape") event.stopPropagation();
    };
    return field;
  }

  /** What is no number is open. */
  #tell() {
    const [low, high] = this.#fields.map((field) => typedNumber(field.value));
    const [from, to] = [Number.isNaN(low) ? -Infinity : low, Number.isNaN(high) ? Infinity : high];
    const whole = from === -Infinity && to === Infinity;
    this.change({ [this.name]: whole ? null : from <= to ? [from, to] : [to, from] });
  }

  /** @param {Range} range */
  #said([from, to]) {
    if (from === -Infinity) return `≤ ${this.#written(to)}`;
    return to === Infinity ? `≥ ${this.#written(from)}` : `${this.#written(from)}–${this.#written(to)}`;
  }

  /** @param {number} value */
  #written(value) {
    if (!Number.isFinite(value)) return "";
    return this.name === "size" ? grouped(value) : digits(value);
  }
}
