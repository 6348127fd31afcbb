// How many scores reach a threshold, and how sure a share of them is.

import { firstFrom } from "../lib/numbers.js";

const Z = 1.959963984540054; // of the 95 % interval

/**
 * How many of the ascending scores are >= threshold: none where there is no threshold.
 * @param {ArrayLike<number>} scores
 * @param {number} threshold
 */
export function reaching(scores, threshold) {
  return Number.isNaN(threshold) ? 0 : scores.length - firstFrom(scores, threshold);
}

/**
 * Wilson's interval of a share, as wilson_interval in Python.
 * @param {number} found
 * @param {number} total
 * @returns {[low: number, high: number]}
 */
export function wilson(found, total) {
  if (!total) return [NaN, NaN];
  const [share, weight] = [found / total, (Z * Z) / total];
  const middle = (share + weight / 2) / (1 + weight);
  const reach = (Z / (1 + weight)) * Math.sqrt((share * (1 - share)) / total + weight / (4 * total));
  return [found === 0 ? 0 : middle - reach, found === total ? 1 : middle + reach];
}
