// The named thresholds in a menu, with what each was set on; those that the run cannot offer say why.

import { button, element } from "../lib/dom.js";
import { Menu } from "../lib/menu.js";
import { digits } from "../lib/numbers.js";
/** @import { Life } from "../lib/life.js" */

/**
 * @typedef {object} Offered a named threshold
 * @property {string} name
 * @property {number | null} value null: not offered, for this `reason`
 * @property {string} label
 * @property {string} help
 * @property {string} [reason]
 */

const NONE = "no review zone";

export class PointMenu {
  /** @type {Offered[]} */
  #points = [];
  #chosen = NaN;
  #none = false;
  #menu;
  #list = element("div", "points");
  #choose;
  #what;

  /**
   * @param {Life} life
   * @param {"Threshold" | "Review zone"} what
   * @param {(name: string) => void} choose
   */
  constructor(life, what, choose) {
    this.#what = what;
    this.#choose = choose;
    this.#menu = new Menu(life, { label: `${what}: named ones`, opened: () => this.#fill() });
    this.#menu.panel.append(this.#list);
    this.root = this.#menu.root;
  }

  /** @param {HTMLElement} part below the list */
  add(part) {
    this.#menu.panel.append(part);
  }

  /**
   * @param {Offered[]} points
   * @param {number} chosen value
   * @param {boolean} [none] whether there is no review zone
   */
  take(points, chosen, none = false) {
    this.#points = points;
    this.#menu.press.classList.toggle("absent", Number.isNaN(chosen));
    this.#menu.press.disabled = points.length === 0 && this.#what === "Threshold";
    this.mark(chosen, none);
    if (this.#menu.isOpen) this.#fill();
  }

  /**
   * Say which one stands now.
   * @param {number} chosen value
   * @param {boolean} [none]
   */
  mark(chosen, none = false) {
    this.#chosen = chosen;
    this.#none = none;
    const found = this.#points.find(({ value }) => value === chosen)?.label ?? "set manually";
    const words = none ? NONE : found;
    if (this.#menu.press.textContent === words) return;
    this.#menu.press.textContent = words;
    this.#menu.press.title = `${this.#what}: ${words}`;
    this.#menu.press.setAttribute("aria-label", `${this.#what}: ${words}`);
  }

  #fill() {
    const rows = this.#points.map((point) => this.#row(point));
    const zone = this.#what === "Review zone";
    const none = zone ? [this.#row({ name: "", value: Infinity, label: NONE, help: "" })] : [];
    this.#list.replaceChildren(...none, ...rows);
  }

  /** @param {Offered} point */
  #row({ name, value, label, help, reason = "" }) {
    const words = [element("b", "", label), element("span", "value", name && value !== null ? digits(value) : ""),
      element("span", "about", value === null ? `not available: ${reason}` : help)];
    const made = button(words[0], () => {
      this.#menu.close();
      this.#choose(name);
    }, { name: "option point" });
    made.append(words[1], words[2]);
    made.disabled = value === null;
    made.setAttribute("aria-pressed", String(name ? value === this.#chosen && !this.#none : this.#none));
    return made;
  }
}
