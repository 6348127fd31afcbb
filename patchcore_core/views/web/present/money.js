// What the errors of a run cost per million parts: the same as in patchcore_core/views/present/money.py.

/** @import { Costs, Known, Prices } from "./data.js" */

const MILLION = 1e6;
/** @type {Known} */
const UNKNOWN = [NaN, NaN, NaN];

/**
 * Parts missed and stopped, their cost, and its least and most; NaN where what occurs was not tested.
 * @param {Prices} prices
 * @param {Costs} costs
 */
export function perMillion({ found, stopped }, { escape, overkill, rate }) {
  const [bad, good] = [(MILLION * rate) / 100, MILLION * (1 - rate / 100)];
  const [finds, findsLow, findsHigh] = found ?? UNKNOWN;
  const [stops, stopsLow, stopsHigh] = stopped ?? UNKNOWN;
  const cost = (/** @type {number} */ miss, /** @type {number} */ stop) =>
    times(escape, times(bad, miss)) + times(overkill, times(good, stop));
  return {
    missed: times(bad, 1 - finds), stopped: times(good, stops), cost: cost(1 - finds, stops),
    low: cost(1 - findsHigh, stopsLow), high: cost(1 - findsLow, stopsHigh),
  };
}

/**
 * 0 where the count is 0, though the share is unknown.
 * @param {number} count
 * @param {number} share
 */
function times(count, share) {
  return count === 0 ? 0 : count * share;
}
