// Figures in tables: all figures of a run with their intervals, figures per defect type, published ones beside ours.
// Nothing is told.
//
//   mount(root, { tables: [{ title, heads: [["figure", ""], ["value", ""]], rows: [["Image AUROC", "0.986"]] }] }, …);

import { element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { same } from "../lib/values.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {string} [note] a sentence below the title
 * @property {[name: string, help: string][]} heads
 * @property {string[][]} rows as they are written, the name first
 *
 * @typedef {{ tables: Table[] }} Data
 * @typedef {{}} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("figure-table", (root) => {
  /** @type {Data | null} */
  let drawn = null;
  return (data) => {
    if (same(data, drawn)) return;
    drawn = data;
    root.replaceChildren(...data.tables.map(table));
  };
});

/** @param {Table} given */
function table({ title, note = "", heads, rows }) {
  const names = heads.map(([name, help]) => Object.assign(element("th", "", name), { scope: "col", title: help }));
  const lines = rows.map(([name, ...cells]) => element("tr", "",
    Object.assign(element("th", "", name), { scope: "row" }), ...cells.map((cell) => element("td", "", cell))));
  const caption = element("caption", "", element("b", "", title), ...(note ? [element("span", "about", " ", note)] : []));
  return element("table", "", caption, element("thead", "", element("tr", "", ...names)), element("tbody", "", ...lines));
}
