// What the strip of the operating point is given.

import { digits } from "../../lib/numbers.js";
import { countsAt, startsBelow } from "../model/thresholds.js";
import { PIXEL_POINT, POINT } from "../names.js";
/** @import { Data as PointData } from "../../operating_point/state.js" */
/** @import { Figure } from "../../threshold_strip/figures.js" */
/** @import { Data as StripData, Side } from "../../threshold_strip/threshold_strip.js" */
/** @import { Level } from "../data.js" */
/** @import { Store } from "../store.js" */

/** @type {Record<string, string>} source of a threshold -> what it was set on */
const SOURCES = { "held-out": "set on held-out good images", "test good": "set on good test images", oracle: "oracle",
  manual: "set manually" };

/**
 * @param {Store} store
 * @param {number} from where the handles stand
 * @param {number} image
 * @param {boolean} open
 * @returns {StripData}
 */
export function stripData(store, from, image, open) {
  const { data, levels, thresholds: { pixel }, state: { level } } = store;
  return {
    level, open, line: "", use: null, colours: data.colours, figures: figuresAt(store, from, image),
    sides: {
      images: side(data.parts.point, levels.image, { channel: POINT, low: from, high: image, zone: true,
        starts: startsBelow(levels.starts, image) }),
      pixels: side(data.parts.pixel_point, levels.pixel, { channel: PIXEL_POINT, low: pixel, high: pixel, zone: false,
        starts: [] }),
    },
  };
}

/**
 * @param {unknown} part
 * @param {Level} level
 * @param {Pick<Side, "channel" | "low" | "high" | "zone" | "starts">} stands
 * @returns {Side | null} null where there are no scores or no threshold
 */
function side(part, { points }, stands) {
  const { scores, counts, edges, log } = /** @type {Partial<PointData>} */ (part ?? {});
  if ((!scores && !counts) || Number.isNaN(stands.high)) return null;
  const named = points.find(({ value }) => value === stands.high);
  const source = SOURCES[named?.source ?? "manual"] ?? "";
  return { ...stands, scores, counts, edges, log: log ?? false, points, source, sentence: named?.help ?? "" };
}

/**
 * @param {Store} store
 * @param {number} from
 * @param {number} image
 * @returns {Figure[]}
 */
function figuresAt({ table: { labels, scores, count } }, from, image) {
  const counts = countsAt(labels, scores, { image, from, pixel: NaN, beside: NaN });
  const [defective, good] = [counts.TP + counts.FN, counts.FP + counts.TN];
  const room = String(count).length;
  /** @type {Figure[]} */
  const figures = [];
  const add = (/** @type {string} */ label, /** @type {number} */ value, colour = "") =>
    figures.push({ label, value: String(value), colour, room });
  if (defective) add("missed", counts.FN, "miss");
  if (good) add("false alarms", counts.FP, "false alarm");
  if (defective) add("found", counts.TP, "hit");
  if (good) add("good", counts.TN, "good");
  if (counts["?"]) add("without a label", counts["?"], "unknown");
  add("review zone", counts.review);
  if (defective) figures.push({ label: "recall", value: (counts.TP / defective).toFixed(3), room: 5 });
  const help = `Of all ${count} test images at the image threshold ${digits(image)}`;
  return figures.map((figure) => ({ ...figure, help }));
}
