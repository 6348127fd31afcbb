// The score step by step, what other settings would make of it, and which training photos the regions resemble.

import { element } from "../lib/dom.js";
/** @import { Group, Image, Resembled } from "./data.js" */

/**
 * @param {Image} image
 * @param {string} zone
 */
export function receiptTable({ receipt }, zone) {
  const rows = zone ? [...receipt, ["Zone", zone, "By the thresholds that are set here."]] : receipt;
  return element("table", "receipt", element("caption", "", "The score step by step"), element("tbody", "",
    ...rows.map(([name, value, meaning]) => element("tr", "", scope(name), element("td", "value", value),
      element("td", "about", meaning)))));
}

/** @param {Group[]} groups */
export function variantTable(groups) {
  return element("table", "variants", element("caption", "", "The score with one setting changed"), element("tbody", "",
    ...groups.map(({ name, help, values }) => {
      const head = scope(name);
      head.title = help;
      return element("tr", "", head, element("td", "", ...values.map(variant)));
    })));
}

/** @param {Group["values"][0]} value */
function variant({ label, score, used }) {
  const made = element("span", used ? "variant used" : "variant", `${label}: `, element("b", "", score));
  if (used) {
    made.title = "this run's setting";
    made.append(element("span", "hidden", " (this run)"));
  }
  return made;
}

/** @param {Resembled[]} images */
export function legendOf(images) {
  return element("ul", "legend", ...images.map(({ name, address, colour, share, note }) => {
    const square = element("span", "swatch");
    square.style.background = colour;
    const picture = address ? [Object.assign(element("img"), { alt: "", src: address, loading: /** @type {"lazy"} */ ("lazy") })] : [];
    for (const image of picture) image.onerror = () => image.remove();
    const words = element("span", "name", name);
    words.title = name;
    const made = element("li", "", square, ...picture, words, element("span", "", percent(share)));
    if (note) made.append(element("span", "warning", note));
    return made;
  }));
}

/** @param {string} name */
function scope(name) {
  return Object.assign(element("th", "", name), { scope: "row" });
}

/** @param {number} share */
function percent(share) {
  return share > 0 && share < 0.01 ? "< 1 %" : `${Math.round(100 * share)} %`;
}
