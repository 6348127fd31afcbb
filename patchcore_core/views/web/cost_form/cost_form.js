// Numbers of the threshold methods, and costs in production; below them what each zone costs. A number is told when it
// is typed in full; what cannot be one is marked and not told.
//
//   mount(root, { fields, zones, … }, (name, value) => …);   // name is always "typed"

import { element, holds } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { typedNumber } from "../lib/numbers.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {object} Field
 * @property {string} name of the parameter in the address
 * @property {string} label
 * @property {string} help
 * @property {string} group its heading
 * @property {number | null} value null: not set
 * @property {number | null} usual stands where nothing is set; null: nothing does
 * @property {number} low the least it may be
 * @property {number | null} high the most
 *
 * @typedef {object} Data
 * @property {Field[]} fields
 * @property {{ heads: [name: string, help: string][], rows: string[][] } | null} zones each with its share and cost; null
 *   while no costs are set
 * @property {string} sentence what all of it costs, or why that is not known
 *
 * @typedef {{ typed: { name: string, value: number | null } }} Tells null: not set any more
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("cost-form", (root, emit) => {
  /** @type {Map<string, Typed>} */
  const known = new Map();
  const groups = element("div", "groups");
  const zones = element("table");
  const sentence = element("p");
  sentence.setAttribute("role", "status");
  root.append(groups, zones, sentence);
  return (data) => {
    for (const field of data.fields) {
      const typed = known.get(field.name) ?? new Typed(field, (value) => emit("typed", { name: field.name, value }));
      known.set(field.name, typed);
      typed.take(field);
    }
    const titles = [...new Set(data.fields.map(({ group }) => group))];
    const wanted = titles.map((title) => groupOf(groups, title,
      data.fields.filter(({ group }) => group === title).flatMap(({ name }) => known.get(name)?.root ?? [])));
    if (!holds(groups, wanted)) groups.replaceChildren(...wanted);
    zones.hidden = !data.zones;
    if (data.zones) fillTable(zones, data.zones);
    sentence.textContent = data.sentence;
  };
});

/**
 * @param {HTMLElement} groups
 * @param {string} title
 * @param {HTMLElement[]} fields
 */
function groupOf(groups, title, fields) {
  const found = [...groups.children].find((one) => one.getAttribute("aria-label") === title);
  const group = found ?? element("fieldset", "", element("legend", "", title));
  group.setAttribute("aria-label", title);
  const [legend, ...held] = group.children;
  if (held.length !== fields.length || held.some((one, at) => one !== fields[at])) group.replaceChildren(legend, ...fields);
  return group;
}

/**
 * @param {HTMLTableElement} table
 * @param {NonNullable<Data["zones"]>} zones
 */
function fillTable(table, { heads, rows }) {
  const names = heads.map(([name, help]) => Object.assign(element("th", "", name), { scope: "col", title: help }));
  table.replaceChildren(element("caption", "", "Zones"), element("thead", "", element("tr", "", ...names)),
    element("tbody", "", ...rows.map((cells) => element("tr", "", ...cells.map((cell) => element("td", "", cell))))));
}

class Typed {
  #words = element("span");
  #input = Object.assign(element("input", "field"), { type: "text", inputMode: "decimal" });
  #why = element("span", "why");
  root = element("label", "", this.#words, this.#input, this.#why);

  /**
   * @param {Field} field
   * @param {(value: number | null) => void} tell
   */
  constructor(field, tell) {
    this.field = field;
    this.tell = tell;
    this.#input.autocomplete = "off";
    this.#why.setAttribute("role", "alert");
    this.#input.onchange = () => this.#typed();
    this.#input.onkeydown = (event) => {
      if (event.key !== "Escape") event.stopPropagation();
    };
  }

  /** @param {Field} field */
  take(field) {
    this.field = field;
    this.#words.textContent = field.label;
    this.root.title = field.help;
    this.#input.placeholder = field.usual === null ? "not set" : String(field.usual);
    if (!this.#input.matches(":focus") && !this.#why.textContent) this.#input.value = String(field.value ?? "");
  }

  #typed() {
    const { low, high } = this.field;
    const text = this.#input.value.trim();
    const value = typedNumber(text);
    const wrong = text !== "" && !(value >= low && value <= (high ?? Infinity));
    this.#why.textContent = !wrong ? "" : high === null ? `a number of at least ${low}` : `a number from ${low} to ${high}`;
    this.#input.setAttribute("aria-invalid", String(wrong));
    if (!wrong) this.tell(text === "" ? null : value);
  }
}
