// The thresholds in use, from their names or numbers in the address.

/** @import { Costs, Data, Level, Point, State, Thresholds, Used } from "../data.js" */

export const NO_ZONE = "none"; // in the address: no review zone, also where one is the default

/**
 * The threshold that is named, kept within the level's span; its default where none is.
 * @param {string} wanted a number, the name of a point, or anything else for the default
 * @param {Level} level
 */
export function thresholdAt(wanted, level) {
  const value = valueOf(wanted, level.points) ?? valueOf(level.default, level.points) ?? NaN;
  return Math.min(Math.max(value, level.span[0]), level.span[1]);
}

/**
 * @param {string} wanted
 * @param {Point[]} points
 */
function valueOf(wanted, points) {
  const named = points.find(({ name, value }) => name === wanted && value !== null);
  if (named) return named.value;
  const number = wanted.trim() ? Number(wanted) : NaN;
  return Number.isFinite(number) ? number : null;
}

/**
 * The starts of a review zone that are below this threshold.
 * @param {Point[]} starts
 * @param {number} threshold
 */
export function startsBelow(starts, threshold) {
  return starts.filter(({ value }) => value !== null && value < threshold);
}

/**
 * @typedef {object} Levels the thresholds to choose from
 * @property {Level} image
 * @property {Level} pixel
 * @property {Level | null} beside pixels of the second run; null without one
 * @property {Point[]} starts of the review zone; those below the threshold are offered
 * @property {number | null} from where the review zone starts by default; null: there is none
 */

/**
 * What is offered: the run's, with what was chosen for it as the default, and in place of some of it what follows from
 * the parameters of the methods.
 * @param {Data} data
 * @param {Used | null} used
 * @param {Costs | null} costs
 * @param {Level | null} beside
 * @returns {Levels}
 */
export function levelsOf(data, used, costs, beside) {
  const { image, starts } = costs ?? data;
  return { image: withDefault(image, used?.threshold), pixel: withDefault(data.pixel, used?.pixel_threshold), beside,
    starts, from: used?.review_from ?? null };
}

/**
 * @param {Level} level
 * @param {number | null | undefined} chosen
 */
function withDefault(level, chosen) {
  return typeof chosen === "number" ? { ...level, default: String(chosen) } : level;
}

/**
 * @param {Levels} levels
 * @param {State["named"]} named
 * @returns {Thresholds}
 */
export function thresholdsOf({ image, pixel, starts, beside, from: usual }, named) {
  const high = thresholdAt(named.threshold, image);
  const start = named.review_from === NO_ZONE ? null : valueOf(named.review_from, startsBelow(starts, high)) ?? usual;
  const from = start === null ? high : Math.min(Math.max(start, image.span[0]), high);
  return { image: high, from, pixel: thresholdAt(named.pixel_threshold, pixel),
    beside: beside ? thresholdAt(named.beside_threshold, beside) : NaN };
}

/**
 * A threshold as it stands in the address: its name where a point has this value, the shortest number that is the same
 * where none has, "" for the default.
 * @param {number} value
 * @param {Level} level
 * @param {string} [preferred] of several names
 */
export function namedAs(value, level, preferred = "") {
  const same = level.points.filter((point) => point.value === value).map(({ name }) => name);
  const name = same.includes(preferred) ? preferred : same.at(0);
  return name ?? String(value);
}

/**
 * How many images are found, missed, false alarms and good, of unknown label, and in the review zone.
 * @param {number[]} labels
 * @param {ArrayLike<number>} scores
 * @param {Thresholds} thresholds
 */
export function countsAt(labels, scores, { image, from }) {
  const counts = { TP: 0, FN: 0, FP: 0, TN: 0, "?": 0, review: 0 };
  labels.forEach((label, number) => {
    const score = scores[number];
    if (score >= from && score < image) counts.review += 1;
    if (label !== 0 && label !== 1) counts["?"] += 1;
    else if (score >= image) counts[label === 1 ? "TP" : "FP"] += 1;
    else counts[label === 1 ? "FN" : "TN"] += 1;
  });
  return counts;
}
