// Sentences that each have a head and a weight: data checks, likely causes of an error, evidence. Nothing is told.
//
//   mount(root, { groups: [{ title: "", items: [{ level: "warning", label, sentence, detail }] }], lines: [], none: "" },
//     …);

import { element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { same } from "../lib/values.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {"ok" | "note" | "warning"} Level
 * @typedef {{ level: Level, label: string, sentence: string, detail: string }} Item `detail`: counts, or ""
 *
 * @typedef {object} Data
 * @property {{ title: string, items: Item[] }[]} groups a title may be ""
 * @property {string[]} lines further notes, one a line, such as files that were not read
 * @property {string} none said where there is nothing of all that
 * @property {{ words: string, address: string }[]} [links] to pages that help
 *
 * @typedef {{}} Tells
 */

/** @type {Record<Level, [sign: string, words: string]>} */
const SIGNS = { ok: ["✓", "in order"], note: ["i", "note"], warning: ["⚠", "warning"] };

/** @type {Mount<Data, Tells>} */
export const mount = widget("findings", (root) => {
  /** @type {Data | null} */
  let drawn = null;
  return (data) => {
    if (same(data, drawn)) return; // what a person has marked in the text stays
    drawn = data;
    const { groups, lines, none, links = [] } = data;
    const parts = groups.filter(({ items }) => items.length).map(({ title, items }) =>
      element("section", "", ...(title ? [element("h4", "", title)] : []), element("ul", "", ...items.map(item))));
    if (links.length) parts.push(element("p", "links", ...links.map(link)));
    if (lines.length) parts.push(element("pre", "lines", lines.join("\n")));
    root.replaceChildren(...(parts.length ? parts : [element("p", "about", none)]));
  };
});

/** @param {{ words: string, address: string }} given */
function link({ words, address }) {
  return Object.assign(element("a", "", words), { href: address, target: "_self" });
}

/** @param {Item} given */
function item({ level, label, sentence, detail }) {
  const [sign, words] = SIGNS[level];
  const mark = element("span", `sign ${level}`, sign);
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", words);
  const text = element("div", "", element("b", "", label), " ", sentence, " ", element("span", "about", detail));
  return element("li", level, mark, text);
}
