// The axis of scores: where a score lies in the plot, which score a pixel stands for, and how both are written.

import { shape, text } from "../lib/dom.js";
import { firstFrom } from "../lib/numbers.js";
/** @import { ScoreClass } from "./counts.js" */

export const SIDE = 56; // pixels left and right of the plot: room for the flags of the handles
const NARROWEST = 50; // pixels
const MOST_DIGITS = 15;

/**
 * @typedef {object} Axis
 * @property {number} low score at its left end
 * @property {number} high
 * @property {number} width pixels
 * @property {number} side pixels left and right of it
 * @property {number} digits after the point, as many as a pixel is worth
 */

/**
 * The axis that holds all scores and these values.
 * @param {ScoreClass[]} classes
 * @param {number[]} others
 * @param {number} width pixels
 * @param {number} [side] pixels left and right of it
 * @returns {Axis}
 */
export function axisOf(classes, others, width, side = SIDE) {
  const wide = Math.max(width, NARROWEST);
  const values = [...others];
  for (const { total, low, high } of classes) if (total) values.push(low, high);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = most > least ? 0.02 * (most - least) : Math.abs(least) * 0.1 || 1;
  const [low, high] = [least - margin, most + margin];
  return { low, high, width: wide, side, digits: digitsFor(Math.ceil(-Math.log10((high - low) / wide))) };
}

/** @param {number} wanted */
function digitsFor(wanted) {
  return Math.min(Math.max(0, wanted), MOST_DIGITS);
}

/**
 * Pixels from the left of the plot to a score.
 * @param {Axis} axis
 * @param {number} score
 */
export function toX({ low, high, width, side }, score) {
  return side + ((score - low) / (high - low)) * width;
}

/**
 * The score at a pixel, with no more digits than a pixel is worth; where there are bins, the nearest edge.
 * @param {Axis} axis
 * @param {ArrayLike<number> | null} edges
 * @param {number} x
 */
export function toScore({ low, high, width, side, digits }, edges, x) {
  const share = Math.min(Math.max((x - side) / width, 0), 1);
  const value = Number((low + share * (high - low)).toFixed(digits));
  if (!edges) return value;
  const right = Math.min(firstFrom(edges, value), edges.length - 1);
  return right > 0 && value - edges[right - 1] < edges[right] - value ? edges[right - 1] : edges[right];
}

/**
 * A threshold as it is written, with a digit more than a pixel is worth.
 * @param {Axis} axis
 * @param {number} score
 */
export function written({ digits }, score) {
  return score.toFixed(Math.min(digits + 1, MOST_DIGITS));
}

/**
 * The line of the axis, its ticks and their numbers.
 * @param {Axis} axis
 * @param {number} bottom pixels
 * @returns {SVGElement[]}
 */
export function axisShapes(axis, bottom) {
  const { low, high, width } = axis;
  const step = niceStep((high - low) / Math.max(3, width / 80));
  const digits = digitsFor(Math.ceil(-Math.log10(step) - 1e-9));
  const long = Math.max(Math.abs(low), Math.abs(high)) >= 1e6 || digits > 6;
  /** @type {SVGElement[]} */
  const found = [shape("path", { class: "base", d: `M${SIDE} ${bottom}h${width}` })];
  for (let number = Math.ceil(low / step); number * step <= high; number++) {
    const value = number * step;
    const x = toX(axis, value);
    const words = long ? value.toPrecision(4) : value.toFixed(digits);
    found.push(shape("path", { class: "base", d: `M${x} ${bottom}v4` }),
      text(words, { class: "tick", x, y: bottom + 17 }));
  }
  return found;
}

/**
 * The next of 1, 2, 5, 10, 20, … (or 0.5, 0.2, …).
 * @param {number} rough
 */
function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
}
