// The regions of an image as a table; pressing a region's button tells its place.

import { button, element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {{ label: string, heads: [name: string, help: string][], rows: string[][] }} Data the first text of a row is
 *   on its button
 * @typedef {{ chosen: number }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("regions", (root, emit) => ({ label, heads, rows }) => {
  const names = heads.map(([name, help]) => Object.assign(element("th", "", name), { scope: "col", title: help }));
  const lines = rows.map(([kind, ...texts], place) => {
    const press = button(kind, () => emit("chosen", place), { title: "Zoom to this region" });
    return element("tr", "", element("td", "", press), ...texts.map((text) => element("td", "", text)));
  });
  root.replaceChildren(element("table", "", element("caption", "", label),
    element("thead", "", element("tr", "", ...names)), element("tbody", "", ...lines)));
});
