// What the colours of the viewer mean: swatches, and the colour bar with the pixel threshold on it.

import { element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {{ label: string, colour: string, filled: boolean }} Entry
 * @typedef {{ label: string, low: string, high: string, colours: string[], tick: number | null }} Scale
 * @typedef {{ entries: Entry[], scale: Scale | null }} Data
 * @typedef {{}} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("legend", (root) => ({ entries, scale }) => {
  root.replaceChildren(...(scale ? [colourBar(scale)] : []), ...entries.map(swatch));
});

/** @param {Entry} entry */
function swatch({ label, colour, filled }) {
  const square = element("span", filled ? "swatch filled" : "swatch");
  square.style.setProperty("--mark", colour);
  return element("span", "entry", square, label);
}

/** @param {Scale} scale */
function colourBar({ label, low, high, colours, tick }) {
  const bar = element("span", "bar");
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  if (tick !== null) {
    const mark = element("span", "tick");
    mark.style.left = `calc(${100 * tick}% - 1px)`;
    bar.append(mark);
  }
  const ends = [element("span", "number", low), element("span", "number", high)];
  const made = element("span", "entry", element("span", "", label), ends[0], bar, ends[1]);
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", `${label}: colours from ${low} to ${high}`);
  return made;
}
