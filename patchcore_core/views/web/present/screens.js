// One screen as elements: a title, large sentences, then bars, prices, pictures or a list, and small notes.

import { element, put, shape } from "../lib/dom.js";
import { costForm } from "./cost_screen.js";
/** @import { Data as Evidence } from "../evidence/data.js" */
/** @import { Bar, Costs, Dots, Figure, Screen } from "./data.js" */

const ROWS = 10; // of dots; of many parts twice as many

/**
 * @typedef {object} With
 * @property {Costs} costs
 * @property {(costs: Costs) => void} changed called when one was typed in
 * @property {(image: HTMLImageElement, address: string) => void} fill show the picture of this address
 * @property {(evidence: Evidence) => HTMLElement} details what can be looked into
 */

/**
 * @param {Screen} screen
 * @param {With} given
 */
export function drawn(screen, { costs, changed, fill, details }) {
  const { kind, title, words, notes, bars, dots, figures, prices, evidence } = screen;
  const made = element("section", `screen ${kind}`, element("h2", "heading", title));
  made.setAttribute("aria-label", title);
  if (kind === "limits") made.append(element("ul", "list", ...words.map((sentence) => element("li", "", sentence))));
  else made.append(element("div", "words", ...words.map((sentence) => element("p", "", sentence))));
  if (bars.length) made.append(element("div", "bars", ...bars.map(bar)));
  if (dots) made.append(dotted(dots));
  if (prices.length) made.append(costForm(prices, costs, changed));
  if (figures.length) made.append(pictures(figures, fill));
  if (evidence) made.append(details(evidence));
  if (notes.length) made.append(element("div", "notes", ...notes.map((note) => element("p", "", note))));
  return made;
}

/** @param {Bar} shown */
function bar({ label, words, share, low, high, colour }) {
  const fill = element("span", "fill");
  Object.assign(fill.style, { width: `${100 * share}%`, background: colour });
  const line = element("span", "whisker");
  Object.assign(line.style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` });
  const track = element("span", "track", fill, line);
  put(track, { role: "img", "aria-label": `${label} ${words}`.trim() });
  return element("div", "bar", element("span", "label", label), track, element("span", "count", words));
}

/**
 * Column by column, so that the count reads from the left.
 * @param {Dots} dots
 */
function dotted({ base, count, ring_from: from, ring_to: to, colour, rest, words, key }) {
  const rows = base > 500 ? 2 * ROWS : ROWS;
  const picture = shape("svg", { viewBox: `0 0 ${base / rows} ${rows}`, role: "img", "aria-label": words,
    preserveAspectRatio: "xMinYMin" });
  for (let part = 0; part < base; part++) {
    const at = { cx: Math.floor(part / rows) + 0.5, cy: (part % rows) + 0.5 };
    picture.append(shape("circle", { ...at, r: 0.33, fill: part < count ? colour : rest }));
    if (part >= from && part < to) picture.append(shape("circle", { ...at, r: 0.42, class: "ring" }));
  }
  const meant = key.map((word, place) => {
    const mark = element("span", "mark");
    mark.style.background = place ? rest : colour;
    return word ? element("span", "meant", mark, word) : "";
  });
  return element("div", "dots", picture, element("div", "said", element("p", "", words), ...meant));
}

/**
 * In one row; of several runs a row each, the photo in the first.
 * @param {Figure[]} figures
 * @param {With["fill"]} fill
 */
function pictures(figures, fill) {
  const runs = [...new Set(figures.map(({ run }) => run))];
  const of = (/** @type {string} */ run) => figures.filter((one) => one.run === run);
  const most = of(runs[0]).length;
  return element("div", "rows", ...runs.map((run) => {
    const row = element("div", "figures", ...of(run).map((one) => figure(one, fill)));
    while (row.children.length < most) row.prepend(element("figure")); // the photo is shown once
    return run ? element("div", "of-run", element("p", "run", run), row) : row;
  }));
}

/**
 * @param {Figure} shown
 * @param {With["fill"]} fill
 */
function figure({ address, words, alt }, fill) {
  const image = Object.assign(element("img"), { alt });
  fill(image, address);
  return element("figure", "", image, element("figcaption", "", words));
}
