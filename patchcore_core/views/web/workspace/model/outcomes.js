// Outcomes as they are filtered by: what the threshold makes of a labelled image, and the review zone below it.

/** @import { Outcome } from "../data.js" */

export const REVIEW = "review"; // score within the review zone, whatever the label

/** @type {Record<Outcome | "review", string>} on buttons and beside the image, in their order */
export const SHORT = { FN: "missed", FP: "false alarm", review: "review zone", TP: "found", TN: "good", "?": "no label" };

/** @type {Record<Outcome, string>} names of colours */
export const COLOURS = { FN: "miss", FP: "false alarm", TP: "hit", TN: "good", "?": "unknown" };

/** @type {Record<Outcome, number>} label of the images that can have it */
const LABEL = { FN: 1, TP: 1, FP: 0, TN: 0, "?": -1 };

/**
 * Those that images of these labels can have, and the review zone; none for images without labels.
 * @param {number[]} labels
 * @returns {(Outcome | "review")[]}
 */
export function offered(labels) {
  const known = new Set(labels);
  if (!known.has(0) && !known.has(1)) return [];
  const all = /** @type {(Outcome | "review")[]} */ (Object.keys(SHORT));
  return all.filter((one) => one === REVIEW || known.has(LABEL[one]));
}
