// Which thresholds the test set itself would allow: those with the fewest errors on its labelled images. Said where the
// threshold in use is far from them, since AUROC, which knows no threshold, may be 1 while defects are missed.

import { firstFrom, grouped } from "../lib/numbers.js";
/** @import { ScoreClass } from "../operating_point/counts.js" */

const FAR = 2; // errors more than need be, where some are unavoidable
const MOST_DECIMALS = 12;
const STEPS = 10; // that the interval is at least told in

/**
 * @typedef {{ above: number, to: number, errors: number }} Best thresholds t with above < t <= to
 */

/** @type {WeakMap<ScoreClass[], Best | null>} what was found before */
const known = new WeakMap();

/**
 * The widest range of thresholds with the fewest errors (missed defects and false alarms); null without images of both
 * kinds, or where everything or nothing would have to be predicted.
 * @param {ArrayLike<number>} good ascending
 * @param {ArrayLike<number>} defective ascending
 * @returns {Best | null}
 */
export function leastErrors(good, defective) {
  if (!good.length || !defective.length) return null;
  const scores = Float64Array.from([...Array.from(good), ...Array.from(defective)]).sort();
  /** @type {Best[]} ranges of equal errors, ascending; the first reaches down to everything */
  const ranges = [];
  let above = -Infinity;
  for (const to of [...new Set(scores), Infinity]) {
    const errors = errorsAt(good, defective, to);
    const last = ranges.at(-1);
    if (last?.errors === errors) last.to = to;
    else ranges.push({ above, to, errors });
    above = to;
  }
  const least = Math.min(...ranges.map(({ errors }) => errors));
  const best = ranges.filter(({ errors }) => errors === least)
    .reduce((one, other) => (other.to - other.above > one.to - one.above ? other : one));
  return Number.isFinite(best.above) && Number.isFinite(best.to) ? best : null;
}

/**
 * @param {ArrayLike<number>} good ascending
 * @param {ArrayLike<number>} defective ascending
 * @param {number} threshold
 */
function errorsAt(good, defective, threshold) {
  return firstFrom(defective, threshold) + good.length - firstFrom(good, threshold);
}

/**
 * One sentence about a threshold that makes more errors than need be; "" for any other.
 * @param {ScoreClass[]} classes
 * @param {number} threshold
 * @param {string} rule its name
 */
export function farFromBest(classes, threshold, rule) {
  const [good, defective] = ["good", "defective"].map((name) => classes.find((one) => one.name === name)?.scores ?? []);
  const best = known.get(classes) ?? leastErrors(good, defective);
  known.set(classes, best);
  const ends = best && roundedWithin(best);
  if (!best || !ends) return "";
  const errors = errorsAt(good, defective, threshold);
  if (errors - best.errors < (best.errors ? FAR : 1)) return "";
  const [from, to] = ends.words;
  const all = good.length + defective.length;
  const fewest = `${grouped(best.errors)} ${best.errors === 1 ? "error" : "errors"}`;
  const would = best.errors ? `make ${fewest} in place of ${grouped(errors)}`
    : `separate all ${grouped(all)}`;
  return `${from} to ${to} would ${would} on these test images; ${rule} sets ${threshold.toFixed(ends.decimals)}`;
}

/**
 * The range in few digits, its ends still within it; null where it is too narrow to be written.
 * @param {Best} best
 */
function roundedWithin({ above, to }) {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals += 1) {
    const unit = 10 ** -decimals;
    if (to - above < STEPS * unit) continue;
    const words = [(Math.floor(above / unit) + 1) * unit, Math.floor(to / unit) * unit]
      .map((value) => value.toFixed(decimals));
    const [low, high] = words.map(Number);
    if (low > above && low < high && high <= to) return { words, decimals };
  }
  return null;
}
