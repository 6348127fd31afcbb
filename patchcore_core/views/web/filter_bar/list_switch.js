// Which list of images is shown: those that the run was tested on, or those that it was fitted on.

import { button, element, holds } from "../lib/dom.js";
import { grouped } from "../lib/numbers.js";
/** @import { Data, List } from "./filter_bar.js" */

export class ListSwitch {
  root = element("div", "outcomes lists");
  /** @type {Data["lists"]} */
  #lists = [];
  /** @type {List} */
  #list = "test";
  /** @type {Map<string, HTMLButtonElement>} by value */
  #buttons = new Map();
  #choose;

  /** @param {(list: List) => void} choose */
  constructor(choose) {
    this.#choose = choose;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Images");
  }

  /** @param {Data} data */
  take({ lists, list }) {
    this.#lists = lists;
    this.#list = list;
    const shown = lists.map((one) => this.#shown(one));
    if (!holds(this.root, shown)) this.root.replaceChildren(...shown);
    this.root.hidden = !lists.length;
  }

  /** Show the other one. */
  next() {
    const other = this.#lists.find(({ value, count }) => value !== this.#list && count);
    if (other) this.#choose(/** @type {List} */ (other.value));
  }

  /** @param {Data["lists"][0]} list */
  #shown({ value, label, count, help = "", words }) {
    const made = this.#buttons.get(value) ?? button("", () => this.#choose(/** @type {List} */ (value)),
      { name: "button toggle" });
    this.#buttons.set(value, made);
    made.replaceChildren(label, element("b", "", count ? grouped(count) : "–"));
    made.title = help;
    made.disabled = !count;
    made.setAttribute("aria-label", `${words}: ${count ? grouped(count) : "none"}`);
    made.setAttribute("aria-pressed", String(value === this.#list));
    return made;
  }
}
