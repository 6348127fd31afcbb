// The elements of the operating point: the plot with its handles, the counts per zone, the fields to type in.

import { element, shape } from "../lib/dom.js";
/** @import { Handle, Zone } from "./state.js" */

/** @type {Handle[]} */
export const HANDLES = ["low", "high"];
/** @type {Zone[]} */
export const ZONES = ["ok", "review", "ng"];
/** The names of the zones; "" where there is none. `flag` stands on the handle, `from` at the field of the threshold. */
export const WORDS = { ok: "OK", review: "Review", ng: "NG", flag: "▸ NG", from: "NG threshold" };
export const CUT = { ...WORDS, review: "" }; // of images without a review zone
export const MARKED = { ok: "Below", review: "", ng: "Predicted", flag: "▸ predicted", from: "Pixel threshold" };

/** @typedef {ReturnType<typeof build>} Parts */

/** @param {HTMLElement} root */
export function build(root) {
  const svg = shape("svg", { class: "bars", "aria-hidden": "true" });
  const review = shape("rect", { class: "review" });
  const names = element("div", "names");
  const plot = element("div", "plot", svg, names);
  const lines = { low: element("div", "line low"), high: element("div", "line high") };
  const flags = { low: flag("low", "OK ◂"), high: flag("high", WORDS.flag) };
  for (const which of HANDLES) plot.append(lines[which], flags[which]);
  const cells = { ok: element("div", "zone ok"), review: element("div", "zone review"), ng: element("div", "zone ng") };
  const inputs = { low: field(), high: field() };
  const from = document.createTextNode(WORDS.from);
  const log = element("input");
  log.type = "checkbox";
  const unit = document.createTextNode("");
  const notes = element("div", "notes");
  root.append(plot, element("div", "zones", ...ZONES.map((zone) => cells[zone])), element("div", "controls",
    element("label", "low", "Review zone from", inputs.low), element("label", "high", from, inputs.high),
    element("label", "", log, unit)), notes);
  return { plot, svg, review, names, lines, flags, cells, inputs, from, log, unit, notes };
}

/**
 * @param {Handle} which
 * @param {string} words
 */
function flag(which, words) {
  const made = element("div", `flag ${which}`, words);
  made.setAttribute("role", "slider");
  made.setAttribute("aria-orientation", "horizontal");
  made.tabIndex = 0;
  return made;
}

function field() {
  return Object.assign(element("input", "number"),
    { type: "text", inputMode: "decimal", autocomplete: /** @type {const} */ ("off"), spellcheck: false });
}
