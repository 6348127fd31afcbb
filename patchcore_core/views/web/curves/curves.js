// Curves over thresholds, a panel each, with a ring at the operating point of its level. Rings follow the handles of the
// operating points (the event "thresholds"). A point chosen by click or Enter is told.

import { holds, setColours } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { numbers } from "../lib/numbers.js";
import { Panel } from "./panel.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */
/** @import { Given } from "./panel.js" */

/**
 * @typedef {object} Data
 * @property {Given[]} panels
 * @property {string} label
 * @property {Record<string, string>} colours
 * @property {number} limit false positive rate up to which the overlap counts
 * @property {string[]} levels
 * @property {Packed} thresholds one a level, NaN where there is none
 * @property {Record<string, string>} follows key of an operating point -> level
 *
 * @typedef {{ chosen: [name: string, threshold: number] }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("curves", (root, emit, life, first) => {
  let { follows } = first;
  /** @type {Map<string, Panel>} by name */
  let panels = new Map();
  const newPanel = (/** @type {Given} */ given) =>
    new Panel(given, (name, threshold) => emit("chosen", [name, threshold]));
  root.setAttribute("role", "group");
  life.hear("thresholds", ({ source, high }) => {
    for (const panel of panels.values()) if (panel.given.level === follows[source]) panel.follow(high);
  });
  life.watchSize(root, () => panels.forEach((panel) => panel.draw()));
  return (data) => {
    follows = data.follows;
    panels = new Map(data.panels.map((given) => [given.name, panels.get(given.name) ?? newPanel(given)]));
    root.setAttribute("aria-label", data.label);
    setColours(root, data.colours);
    const figures = [...panels.values()].map(({ figure }) => figure);
    if (!holds(root, figures)) root.replaceChildren(...figures);
    const thresholds = numbers(data.thresholds);
    for (const given of data.panels) {
      panels.get(given.name)?.take(given, thresholds[data.levels.indexOf(given.level)] ?? NaN, data.limit);
    }
  };
});
