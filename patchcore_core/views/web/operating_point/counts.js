// How many scores lie below a threshold, for each class.

import { firstFrom, numbers } from "../lib/numbers.js";
/** @import { Data, Label, Thresholds, Zone } from "./state.js" */

/**
 * @typedef {object} ScoreClass the scores of one label
 * @property {Label} name
 * @property {number} total
 * @property {ArrayLike<number> | null} scores ascending; null where only counts in bins are known
 * @property {ArrayLike<number> | null} edges of the bins
 * @property {number} low the lowest score or edge
 * @property {number} high
 * @property {(value: number) => number} below how many scores are < value
 * @property {(value: number) => boolean} exact whether `below` is more than an estimate there
 *
 * @typedef {Omit<ScoreClass, "name">} Scores
 * @typedef {Record<Label, number>} Counts
 */

/** @type {Label[]} */
const LABELS = ["good", "defective", "unlabelled"];

/**
 * @param {Pick<Data, "scores" | "counts" | "edges">} data
 * @returns {ScoreClass[]}
 */
export function scoreClasses({ scores, counts, edges }) {
  const bounds = edges && numbers(edges);
  return LABELS.flatMap((name) => {
    if (counts && bounds) return [{ name, ...binned(bounds, numbers(counts[name])) }];
    return scores ? [{ name, ...single(numbers(scores[name])) }] : [];
  });
}

/**
 * @param {ArrayLike<number>} scores
 * @returns {Scores}
 */
function single(scores) {
  return {
    total: scores.length, scores, edges: null, low: scores[0], high: scores[scores.length - 1], exact: () => true,
    below: (value) => firstFrom(scores, value),
  };
}

/**
 * @param {ArrayLike<number>} edges (B + 1,)
 * @param {Float32Array | Float64Array} counts (B,)
 * @returns {Scores}
 */
function binned(edges, counts) {
  const sums = new Float64Array(edges.length);
  counts.forEach((count, bin) => (sums[bin + 1] = sums[bin] + count));
  const below = (/** @type {number} */ value) => {
    const right = firstFrom(edges, value);
    if (right === 0) return 0;
    if (right === edges.length) return sums[right - 1];
    const share = (value - edges[right - 1]) / (edges[right] - edges[right - 1]);
    return sums[right - 1] + share * counts[right - 1];
  };
  const exact = (/** @type {number} */ value) => {
    const right = firstFrom(edges, value);
    return right === 0 || right === edges.length || edges[right] === value || counts[right - 1] === 0;
  };
  return {
    total: sums[sums.length - 1], scores: null, edges, low: edges[0], high: edges[edges.length - 1], exact, below,
  };
}

/**
 * How many of each class are in each zone.
 * @param {ScoreClass[]} classes
 * @param {Thresholds} thresholds
 * @returns {Record<Zone, Counts>}
 */
export function zoneCounts(classes, { low, high }) {
  const each = (/** @type {(one: ScoreClass) => number} */ count) =>
    /** @type {Counts} */ (Object.fromEntries(classes.map((one) => [one.name, count(one)])));
  return {
    ok: each(({ below }) => below(low)),
    review: each(({ below }) => below(high) - below(low)),
    ng: each(({ below, total }) => total - below(high)),
  };
}

/**
 * Whether these counts are more than estimates.
 * @param {ScoreClass[]} classes
 * @param {Thresholds} thresholds
 */
export function areExact(classes, { low, high }) {
  return classes.every(({ exact }) => exact(low) && exact(high));
}
