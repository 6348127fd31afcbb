// Which images are listed, and in which order: one row of buttons and menus. Every change is told at once as the whole
// choice; what is shown is what `update` says. Keeps nothing but the text that is being typed.
//
//   const bar = mount(root, data, (name, value) => …);   // "chosen", or "list": another list of images is wanted
//   bar.update({ ...data, chosen, shown });

import { button, element, holds } from "../lib/dom.js";
import { takesText, withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { grouped } from "../lib/numbers.js";
import { ListSwitch } from "./list_switch.js";
import { Outcomes } from "./outcomes.js";
import { ChoiceMenu } from "./choice_menu.js";
import { RangeMenu } from "./range_menu.js";
/** @import { Emit, Life, Mount } from "../lib/life.js" */

/**
 * @typedef {{ value: string, label: string, count: number, help?: string }} Option `count` of images, told as it stands
 * @typedef {"outcome" | "defect" | "cause" | "verdict" | "tag"} Several what may have several values
 * @typedef {[from: number, to: number]} Range both ends included
 *
 * @typedef {object} Chosen names as in the address; [] , "" and null filter nothing
 * @property {string[]} outcome
 * @property {string[]} defect
 * @property {string[]} cause
 * @property {string[]} verdict
 * @property {string[]} tag
 * @property {string} q words that occur in the path
 * @property {Range | null} score
 * @property {Range | null} size pixels of at least one true region
 * @property {string} order
 *
 * @typedef {"test" | "training"} List
 *
 * @typedef {object} Data
 * @property {Chosen} chosen
 * @property {(Option & { words: string })[]} lists of images to choose from; `count` 0: there are none to show
 * @property {List} list the one that is shown
 * @property {Record<Several, Option[]>} options where a menu has no option, it is not there
 * @property {Range | null} scores the lowest and the highest; null: no such filter
 * @property {Range | null} sizes
 * @property {{ value: string, label: string }[]} orders
 * @property {number} shown
 * @property {number} total
 *
 * @typedef {{ chosen: Chosen, list: List }} Tells
 *
 * @typedef {(change: Partial<Chosen>) => void} Change
 */

/** @type {Omit<Chosen, "order">} */
export const UNFILTERED = { outcome: [], defect: [], cause: [], verdict: [], tag: [], q: "", score: null, size: null };

/** @type {Mount<Data, Tells>} */
export const mount = widget("filter-bar", (root, emit, life, first) => {
  const bar = new FilterBar(root, emit, life, first);
  life.listen(window, "keydown", (event) => bar.onKey(event));
  return (data) => bar.take(data);
});

class FilterBar {
  /**
   * @param {HTMLElement} root
   * @param {Emit<Tells>} emit
   * @param {Life} life
   * @param {Data} data
   */
  constructor(root, emit, life, data) {
    this.data = data;
    const change = (/** @type {Partial<Chosen>} */ some) => emit("chosen", { ...this.data.chosen, ...some });
    this.lists = new ListSwitch((list) => emit("list", list));
    this.outcomes = new Outcomes(change);
    this.menus = [
      new ChoiceMenu(life, change, "type", ["defect"]), new ChoiceMenu(life, change, "cause", ["cause"]),
      new ChoiceMenu(life, change, "verdict", ["verdict", "tag"]), new RangeMenu(life, change, "size", "px"),
      new RangeMenu(life, change, "score", ""),
    ];
    this.search = searchField(change);
    this.order = orderField(change);
    this.clear = button("Clear", () => change(UNFILTERED), { name: "button bare clear", label: "Clear all filters",
      title: "List all images. Key: X" });
    this.count = element("span", "count");
    this.count.setAttribute("role", "status");
    root.setAttribute("role", "search");
    root.setAttribute("aria-label", "Filters");
    root.append(this.lists.root, this.outcomes.root, element("div", "menus", ...this.menus.map((menu) => menu.root)),
      element("div", "rest", this.search, this.order, this.clear, this.count));
  }

  /** @param {Data} data */
  take(data) {
    this.data = data;
    const { chosen, orders, shown, total } = data;
    this.lists.take(data);
    this.outcomes.take(data);
    for (const menu of this.menus) menu.take(data);
    if (!this.search.matches(":focus")) this.search.value = chosen.q;
    this.search.classList.toggle("set", chosen.q !== "");
    fillOrders(this.order, orders, chosen.order);
    this.clear.classList.toggle("idle", !narrows(chosen));
    this.clear.disabled = !narrows(chosen);
    const words = shown === total ? `all ${grouped(total)}` : `${grouped(shown)} of ${grouped(total)}`;
    if (this.count.textContent !== words) this.count.textContent = words;
  }

  /**
   * "/" leads to the search, as elsewhere; "." and "," list the next outcome; "x" lists all images; "l" the other list.
   * @param {KeyboardEvent} event
   */
  onKey(event) {
    if (withModifier(event) || takesText(event)) return;
    if (event.key === "/") {
      this.search.focus();
      this.search.select();
    } else if (event.key === "." || event.key === ",") this.outcomes.step(event.key === "." ? 1 : -1);
    else if (event.key === "x" && !this.clear.disabled) this.clear.click();
    else if (event.key === "l") this.lists.next();
    else return;
    event.preventDefault();
  }
}

/**
 * Whether any filter is set.
 * @param {Chosen} chosen
 */
export function narrows({ outcome, defect, cause, verdict, tag, q, score, size }) {
  return [outcome, defect, cause, verdict, tag, q].some((one) => one.length > 0) || score !== null || size !== null;
}

/** @param {Change} change */
function searchField(change) {
  const field = Object.assign(element("input", "field search"), { type: "search", placeholder: "search  /",
    maxLength: 200, title: "All words must occur in the path; case is ignored. Key: /" });
  field.setAttribute("aria-label", "Search path");
  field.oninput = () => change({ q: field.value });
  field.onkeydown = (event) => {
    event.stopPropagation(); // letters typed here are no shortcuts
    if (event.key === "Escape" && !field.value) field.blur();
  };
  return field;
}

/** @param {Change} change */
function orderField(change) {
  const field = element("select", "field order");
  field.setAttribute("aria-label", "Order");
  field.onchange = () => change({ order: field.value });
  return field;
}

/**
 * @param {HTMLSelectElement} field
 * @param {Data["orders"]} orders
 * @param {string} chosen
 */
function fillOrders(field, orders, chosen) {
  const known = [...field.options];
  const wanted = orders.map(({ value, label }) => known.find((one) => one.value === value && one.text === label) ??
    new Option(label, value));
  if (!holds(field, wanted)) field.replaceChildren(...wanted);
  if (field.value !== chosen) field.value = chosen;
}
