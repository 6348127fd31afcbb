// The axes of a panel: which there are, and where a rate lies on them.

import { shape, text } from "../lib/dom.js";
/** @import { Panel } from "./panel.js" */

export const HIGH = 210; // pixels, of a panel's picture
export const EDGE = { left: 46, right: 10, top: 8, bottom: 38 };
const LOWEST = 1e-5; // of a logarithmic axis

/** @typedef {"whole" | "part" | "log"} AxisName */

/** Of pixel curves over the false positive rate. @type {Record<AxisName, { words: string, ticks: number[], end: number }>} */
export const AXES = {
  whole: { words: "whole axis", ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], end: 1 },
  part: { words: "up to 0.3", ticks: [0, 0.1, 0.2, 0.3], end: 0.3 },
  log: { words: "logarithmic", ticks: [LOWEST, 1e-4, 1e-3, 1e-2, 1e-1, 1], end: 1 },
};
/** @type {AxisName[]} */
export const AXIS_NAMES = ["whole", "part", "log"];

/**
 * Pixels from the left of the picture to a rate.
 * @param {Panel} panel
 * @param {number} rate
 */
export function across({ axis, wide }, rate) {
  const share = axis === "log" ? 1 - Math.log(Math.max(rate, LOWEST)) / Math.log(LOWEST) : rate / AXES[axis].end;
  return EDGE.left + (wide - EDGE.left - EDGE.right) * Math.min(share, 1.2);
}

/**
 * Pixels from the top of the picture to a rate.
 * @param {number} rate
 */
export function down(rate) {
  return EDGE.top + (HIGH - EDGE.top - EDGE.bottom) * (1 - rate);
}

/**
 * Axes, their words, and what a curve is held against.
 * @param {Panel} panel
 * @param {number} limit false positive rate up to which the overlap counts
 * @returns {SVGElement[]}
 */
export function ground(panel, limit) {
  const { given, wide } = panel;
  const [left, right, top, bottom] = [EDGE.left, wide - EDGE.right, EDGE.top, HIGH - EDGE.bottom];
  const [middle, half] = [(left + right) / 2, (top + bottom) / 2];
  /** @type {SVGElement[]} */
  const found = [];
  if (given.kind === "pro") {
    const from = Math.min(across(panel, limit), right); // beyond it nothing counts for AUPRO
    found.push(shape("rect", { class: "beyond", x: from, y: top, width: right - from, height: bottom - top }));
  }
  for (const tick of [0, 0.5, 1]) {
    found.push(shape("line", { class: "grid", x1: left, x2: right, y1: down(tick), y2: down(tick) }),
      text(tick, { x: left - 6, y: down(tick) + 4, "text-anchor": "end" }));
  }
  for (const tick of AXES[panel.axis].ticks) {
    found.push(text(panel.axis === "log" ? power(tick) : tick,
      { x: across(panel, tick), y: bottom + 14, "text-anchor": "middle" }));
  }
  found.push(text(given.x_title, { x: middle, y: HIGH - 6, "text-anchor": "middle" }),
    text(given.y_title, { x: 11, y: half, "text-anchor": "middle", transform: `rotate(-90 11 ${half})` }));
  return [...found, ...chance(panel)];
}

/**
 * A power of ten, as short as it is read: 1e-3, 0.1, 1.
 * @param {number} value
 */
function power(value) {
  return value.toExponential(0).replace("e+0", "").replace("1e-1", "0.1");
}

/**
 * The curve of a score that knows nothing.
 * @param {Panel} panel
 * @returns {SVGElement[]}
 */
function chance(panel) {
  const { given: { kind }, axis, y } = panel;
  if (kind === "roc") {
    const rates = Array.from({ length: 61 }, (_, step) => (axis === "log" ? LOWEST ** (1 - step / 60) : step / 60));
    const points = rates.filter((rate) => rate <= AXES[axis].end)
      .map((rate, step) => `${step ? "L" : "M"}${across(panel, rate)} ${down(rate)}`);
    return [shape("path", { class: "chance", d: points.join("") })];
  }
  if (kind !== "precision_recall") return [];
  const frequent = down(y[y.length - 1]);
  return [shape("line", { class: "chance", x1: across(panel, 0), x2: across(panel, 1), y1: frequent, y2: frequent })];
}
