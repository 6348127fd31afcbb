// What images are filtered by first: what the threshold makes of a labelled image, and marks that an image has whatever
// its label.

/** @import { Outcome } from "../data.js" */
/** @import { Judged, Table } from "./listing.js" */

/** @typedef {"review" | "NG" | "OK" | "odd" | "copies"} Mark */

export const REVIEW = "review"; // score within the review zone, whatever the label
export const TRAINING = 2; // label of a training image

/** @type {Record<Outcome | Mark, string>} on buttons and beside the image, in their order */
export const SHORT = { FN: "missed", FP: "false alarm", odd: "stands apart", copies: "has near-copies", NG: "NG",
  review: "review zone", OK: "OK", TP: "found", TN: "good", "?": "no label" };

/** @type {Record<Outcome, string>} names of colours */
export const COLOURS = { FN: "miss", FP: "false alarm", TP: "hit", TN: "good", "?": "unknown" };

/** @type {Record<Mark, string>} */
export const HELPS = {
  review: "Score within the review zone, below the image threshold",
  NG: "Score at or above the image threshold", OK: "Score below the image threshold and the review zone",
  odd: "Left out of the held-out thresholds, since they hardly resemble the other training images",
  copies: "Scored without the rows of their near-copies, which are not scored themselves",
};

/** @type {Record<Mark, (table: Table, judged: Judged, number: number) => boolean>} */
export const HAS = {
  review: (_, { review }, number) => review[number],
  NG: ({ scores }, { threshold }, number) => scores[number] >= threshold,
  OK: ({ scores }, { from }, number) => scores[number] < from,
  odd: ({ odd }, _, number) => odd[number] ?? false,
  copies: ({ copies }, _, number) => Boolean(copies[number]),
};

/** @type {Record<Outcome, number>} label of the images that can have it */
const LABEL = { FN: 1, TP: 1, FP: 0, TN: 0, "?": -1 };
/** @type {Mark[]} */
const PREDICTED = ["NG", REVIEW, "OK"];

/**
 * @param {string} value
 * @returns {value is Mark}
 */
export const isMark = (value) => value in HAS;

/**
 * Those that images of these labels can have, and the review zone; of images without any label what is predicted.
 * @param {number[]} labels
 * @returns {(Outcome | Mark)[]}
 */
export function offered(labels) {
  const known = new Set(labels);
  if (known.has(TRAINING)) return ["odd", "copies", ...PREDICTED];
  if (!known.has(0) && !known.has(1)) return known.size ? PREDICTED : [];
  const all = /** @type {(Outcome | Mark)[]} */ (Object.keys(SHORT));
  return all.filter((one) => one === REVIEW || (!isMark(one) && known.has(LABEL[one])));
}
