// What the viewer and the histogram are given, and what of a view stands in the address.

import { FLAGS } from "../model/address.js";
import { startsBelow } from "../model/thresholds.js";
import { PIXEL_POINT, POINT, VIEWER } from "../names.js";
/** @import { Data as PointData } from "../../operating_point/state.js" */
/** @import { Data as ViewerData, View } from "../../viewer/payload.js" */
/** @import { Shown } from "../data.js" */
/** @import { Store } from "../store.js" */
/** @import { About } from "./about.js" */

/**
 * The operating point of images or pixels, as the level that is seen.
 * @param {Store} store
 * @returns {PointData}
 */
export function pointData({ data, photos, levels, thresholds, state: { level } }) {
  const pixels = level === "pixels";
  const own = /** @type {PointData} */ (pixels ? data.parts.pixel_point : photos.point);
  const { points } = pixels ? levels.pixel : levels.image;
  const offered = [...points, ...(pixels ? [] : startsBelow(levels.starts, thresholds.image))];
  const named = offered.flatMap(({ name, value, label, help }) => (value === null ? [] : [{ name, value, label, help }]));
  const [low, high] = pixels ? [thresholds.pixel, thresholds.pixel] : [thresholds.from, thresholds.image];
  return { ...own, channel: pixels ? PIXEL_POINT : POINT, low, high, named };
}

export const ALL = ["photo", "truth", "map", "prediction"];
const BESIDE = ["photo", "truth", "map", "map2"]; // with the map of a second run

/**
 * What the panes show: those that were chosen, else what is usual.
 * @param {string[] | null} chosen
 * @param {About | null} about
 */
export function panesOf(chosen, about) {
  const usual = about?.usual ?? ((about?.picture.layers.length ?? 1) > 1 ? BESIDE : ALL);
  const found = (chosen ?? usual).filter((pane) => !about || pane in about.panes);
  return found.length ? found : ["photo"];
}

/**
 * @param {Store} store
 * @param {About} about
 * @param {number} serial
 * @returns {ViewerData}
 */
export function viewData({ data, thresholds, state: { shown } }, about, serial) {
  const { picture, panes } = about;
  const layers = picture.layers.length ? picture.layers : [null]; // the threshold stays while a map is not known
  const both = [thresholds.pixel, thresholds.beside].slice(0, layers.length);
  return {
    label: "Viewer", picture, panes, serial, trimmed: data.parts.viewer.trimmed, colours: data.colours,
    inferno: data.inferno, follows: PIXEL_POINT, channel: VIEWER, folded: true,
    view: {
      panes: panesOf(shown.panes, about), thresholds: both.map((one) => (Number.isNaN(one) ? null : one)),
      limits: layers.map((_, place) => shown.limits[place] ?? null), opacity: shown.opacity, box: shown.box,
      .../** @type {Record<"truth_outline" | "prediction_outline" | "judged" | "peak", boolean>} */ (
        Object.fromEntries(FLAGS.map((flag) => [flag, !shown.hidden.includes(flag)]))),
    },
  };
}

/**
 * What of a view stands in the address: the panes where they are not the usual ones; those that were chosen stay also
 * where this image lacks one of them.
 * @param {View} view
 * @param {About | null} about
 * @param {string[] | null} chosen panes
 * @returns {Shown}
 */
export function viewFrom(view, about, chosen) {
  const { panes, box, opacity, limits } = view;
  const same = String(panes) === String(panesOf(chosen, about));
  const usual = String(panes) === String(panesOf(null, about));
  const flags = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (view));
  return { panes: same ? chosen : usual ? null : panes, box, opacity, limits, hidden: FLAGS.filter((flag) => !flags[flag]) };
}
