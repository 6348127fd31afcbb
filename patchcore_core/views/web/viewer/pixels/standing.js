// How a score stands among those of good pixels.

import { firstFrom } from "../../lib/numbers.js";

/** @typedef {{ scores: Float64Array, shares: Float64Array }} Standing scores, ascending, and good pixels below each */

/**
 * The share of good pixels below this score; NaN without a table.
 * @param {number} score
 * @param {Standing | null} good
 */
export function shareBelow(score, good) {
  if (!good) return NaN;
  const { scores, shares } = good;
  if (score <= scores[0]) return shares[0];
  const above = firstFrom(scores, score);
  if (above === scores.length) return shares[shares.length - 1];
  const part = (score - scores[above - 1]) / (scores[above] - scores[above - 1]);
  return shares[above - 1] + part * (shares[above] - shares[above - 1]);
}
