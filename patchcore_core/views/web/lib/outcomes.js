// What a threshold makes of a labelled image.

/** @typedef {"TP" | "FN" | "FP" | "TN" | "?"} Outcome */

/**
 * @param {number} label 1 defective, 0 good, any other: unknown
 * @param {number} score NaN reaches no threshold
 * @param {number} threshold
 * @returns {Outcome}
 */
export function outcomeOf(label, score, threshold) {
  if (label !== 0 && label !== 1) return "?";
  if (score >= threshold) return label === 1 ? "TP" : "FP";
  return label === 1 ? "FN" : "TN";
}
