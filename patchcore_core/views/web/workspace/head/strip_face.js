// What the strip of the operating point is given.

import { digits } from "../../lib/numbers.js";
import { SHORT } from "../model/outcomes.js";
import { countsAt, startsBelow, thresholdAt, thresholdsOf } from "../model/thresholds.js";
import { PIXEL_POINT, POINT } from "../names.js";
/** @import { Data as PointData } from "../../operating_point/state.js" */
/** @import { Figure } from "../../threshold_strip/figures.js" */
/** @import { Data as StripData, Side } from "../../threshold_strip/threshold_strip.js" */
/** @import { Entry, Level, State, Used } from "../data.js" */
/** @import { Store } from "../store.js" */

/** @type {Record<string, string>} source of a threshold -> what it was set on */
const SOURCES = { "held-out": "set on held-out good images", "test good": "set on good test images", oracle: "oracle",
  manual: "set manually" };

/** @type {State["named"]} nothing is chosen */
const BLANK = { threshold: "", review_from: "", pixel_threshold: "", beside_threshold: "" };

/**
 * @typedef {object} Stands
 * @property {number} from where the handles of images stand
 * @property {number} image
 * @property {boolean} open whether the full histogram is
 * @property {string} refused why thresholds cannot be stored now, or ""
 * @property {string} failed why they were not stored, or ""
 */

/**
 * @param {Store} store
 * @param {Stands} stands
 * @returns {StripData}
 */
export function stripData(store, { from, image, open, refused, failed }) {
  const { data, levels, known, thresholds: { pixel }, state: { level } } = store;
  return {
    level, open, line: lineOf(store), colours: data.colours, figures: figuresAt(store, from, image),
    use: data.parts.read_only ? null : { differs: differs(store), stored: storedWords(known.used), refused, failed },
    sides: {
      images: side(store.photos.point, levels.image, { channel: POINT, low: from, high: image, zone: true,
        starts: startsBelow(levels.starts, image) }),
      pixels: side(data.parts.pixel_point, levels.pixel, { channel: PIXEL_POINT, low: pixel, high: pixel, zone: false,
        starts: [] }),
    },
  };
}

/**
 * What is to be known of the thresholds.
 * @param {Store} store
 */
function lineOf({ known: { costs, used }, which, data: { training } }) {
  if (costs.busy) return "the thresholds of these parameters are being computed …";
  return costs.error || (which === "training" && training?.said) || (used?.sentence ?? "");
}

/**
 * What has the run use these thresholds: null where one is the run's own, `release` where all are.
 * @param {Store} store
 * @returns {Pick<Entry, "kind" | "key" | "with">}
 */
export function useOf({ data, thresholds: { image, from, pixel } }) {
  const other = (/** @type {number} */ value, /** @type {Level} */ level) => !Number.isNaN(value) && value !== thresholdAt("", level);
  const zone = from < image;
  const wanted = {
    threshold: zone || other(image, data.image) ? image : null, review_from: zone ? from : null,
    pixel_threshold: other(pixel, data.pixel) ? pixel : null,
  };
  const any = Object.values(wanted).some((value) => value !== null);
  return any ? { kind: "use", key: "used", with: wanted } : { kind: "release", key: "used" };
}

/**
 * Whether the thresholds differ from those that the run uses.
 * @param {Store} store
 */
function differs({ levels, thresholds }) {
  const { image, from, pixel } = thresholdsOf(levels, BLANK);
  const same = (/** @type {number} */ one, /** @type {number} */ other) => one === other || Number.isNaN(one);
  return !(same(thresholds.image, image) && same(thresholds.from, from) && same(thresholds.pixel, pixel));
}

/** @param {Used | null} used */
function storedWords(used) {
  if (!used) return "";
  const when = new Date(used.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return [used.author && `by ${used.author}`, when].filter(Boolean).join(", ");
}

/**
 * @param {unknown} part
 * @param {Level} level
 * @param {Pick<Side, "channel" | "low" | "high" | "zone" | "starts">} stands
 * @returns {Side | null} null where there are no scores or no threshold
 */
function side(part, { points, default: usual, unset }, stands) {
  const { scores, counts, edges, log } = /** @type {Partial<PointData>} */ (part ?? {});
  if ((!scores && !counts) || Number.isNaN(stands.high)) return null;
  const named = points.find(({ value }) => value === stands.high);
  const said = unset && stands.high === Number(usual) ? { source: unset, sentence: "" }
    : { source: SOURCES[named?.source ?? "manual"] ?? "", sentence: named?.help ?? "" };
  return { ...stands, scores, counts, edges, log: log ?? false, points, ...said };
}

/**
 * @param {Store} store
 * @param {number} from
 * @param {number} image
 * @returns {Figure[]}
 */
function figuresAt({ which, table: { labels, scores, count } }, from, image) {
  const counts = countsAt(labels, scores, { image, from, pixel: NaN, beside: NaN });
  const [defective, good] = [counts.TP + counts.FN, counts.FP + counts.TN];
  const [room, labelled, training] = [String(count).length, defective + good > 0, which === "training"];
  /** @type {Figure[]} */
  const figures = [];
  const add = (/** @type {string} */ label, /** @type {number} */ value, colour = "") =>
    figures.push({ label, value: String(value), colour, room });
  if (defective) add("missed", counts.FN, "miss");
  if (good) add("false alarms", counts.FP, "false alarm");
  if (defective) add("found", counts.TP, "hit");
  if (good) add("good", counts.TN, "good");
  if (!labelled) add(SHORT.NG, Array.from(scores).filter((score) => score >= image).length);
  add(SHORT.review, counts.review);
  if (!labelled) add(SHORT.OK, Array.from(scores).filter((score) => score < from).length);
  if (counts["?"]) add(training ? "training images" : "without a label", counts["?"], "unknown");
  if (defective) figures.push({ label: "recall", value: (counts.TP / defective).toFixed(3), room: 5 });
  const help = `Of all ${count} ${training ? "training images that have a held-out score" : "test images"} at the image threshold ${digits(image)}`;
  return figures.map((figure) => ({ ...figure, help }));
}
