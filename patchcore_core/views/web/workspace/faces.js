// What each widget within the workspace is given, from what the workspace knows.

import { digits } from "../lib/numbers.js";
import { pictureAddress } from "../lib/pictures.js";
import { FLAGS } from "./model/address.js";
import { ALL } from "./memory.js";
import { startsBelow } from "./model/thresholds.js";
import { GALLERY, PIXEL_POINT, POINT, VIEWER } from "./names.js";
/** @import { Data as FilterData } from "../filter_bar/filter_bar.js" */
/** @import { Data as GalleryData } from "../gallery/state.js" */
/** @import { Data as PointData } from "../operating_point/state.js" */
/** @import { Data as ViewerData, View } from "../viewer/payload.js" */
/** @import { Packed } from "../lib/numbers.js" */
/** @import { Shown } from "./data.js" */
/** @import { About } from "./pictures.js" */
/** @import { Store } from "./store.js" */

const NARROW = "(max-width: 60rem)"; // as in workspace.css: the gallery is a strip above the pictures

/**
 * Numbers as Python packs them.
 * @param {number[]} values
 * @returns {Packed}
 */
function packed(values) {
  const bytes = new Uint8Array(Float64Array.from(values).buffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { type: "f8", base64: btoa(text) };
}

/** @param {string[]} words one an image */
function coded(words) {
  const table = [...new Set(words)];
  const places = new Map(table.map((word, place) => [word, place]));
  return { words: table, places: words.map((word) => places.get(word) ?? 0) };
}

/**
 * @param {Store} store
 * @returns {GalleryData}
 */
export function galleryData(store) {
  const { data, table, list, thresholds } = store;
  const said = data.words.verdicts;
  return {
    ids: list.map((number) => table.names[number]),
    addresses: list.map((number) => pictureAddress(data.pictures, number, "thumbnail")), scores: packed(list.map((number) => table.scores[number])),
    labels: list.map((number) => table.labels[number]), kinds: coded(list.map((number) => table.kinds[number])),
    verdicts: coded(list.map((number) => table.verdicts[number] && said[table.verdicts[number]])),
    selected: table.names[store.current()] ?? "", label: "Test images", channel: GALLERY, follows: POINT,
    shows: "", thresholds: [thresholds.from, thresholds.image], layout: matchMedia(NARROW).matches ? "strip" : "grid", height: 400, colours: data.colours,
  };
}

/**
 * @param {Store} store
 * @returns {FilterData}
 */
export function filterData(store) {
  const { data, table, list, state: { chosen } } = store;
  const { found, vocabulary } = store.counts();
  const helps = Object.fromEntries(data.words.causes.map(([key, , , help]) => [key, help]));
  /** @param {"outcome" | "defect" | "cause" | "verdict" | "tag"} name */
  const options = (name) => vocabulary[name].map(([value, label]) => ({ value, label,
    count: found[name].get(value) ?? 0, help: name === "cause" ? helps[value] ?? "" : "" }))
    .filter(({ value, count }) => count > 0 || chosen[name].includes(value) || name === "outcome");
  return {
    chosen, options: { outcome: outcomes(options("outcome"), table.labels), defect: options("defect"),
      cause: options("cause"), verdict: options("verdict"), tag: options("tag") },
    scores: data.whole.score, sizes: data.whole.size, shown: list.length, total: table.count,
    orders: store.orders.map((words) => ({ value: words, label: words })),
  };
}

/**
 * Those that images of these labels can have.
 * @template {{ value: string }} O
 * @param {O[]} options
 * @param {number[]} labels
 */
function outcomes(options, labels) {
  const known = new Set(labels);
  const label = { TP: 1, FN: 1, FP: 0, TN: 0, "?": -1 };
  const found = options.filter(({ value }) => known.has(label[/** @type {"TP"} */ (value)]));
  return found.length > 1 ? found : [];
}

/**
 * The operating point of images or pixels, as the level that is seen.
 * @param {Store} store
 * @returns {PointData}
 */
export function pointData({ data, levels, thresholds, state: { level } }) {
  const pixels = level === "pixels";
  const own = /** @type {PointData} */ (data.parts[pixels ? "pixel_point" : "point"]);
  const { points } = pixels ? levels.pixel : levels.image;
  const offered = [...points, ...(pixels ? [] : startsBelow(levels.starts, thresholds.image))];
  const named = offered.flatMap(({ name, value, label, help }) => (value === null ? [] : [{ name, value, label, help }]));
  const [low, high] = pixels ? [thresholds.pixel, thresholds.pixel] : [thresholds.from, thresholds.image];
  return { ...own, channel: pixels ? PIXEL_POINT : POINT, low, high, named };
}

/**
 * @param {Store} store
 * @param {About} about
 * @param {number} serial
 * @param {string[]} remembered panes
 * @returns {ViewerData}
 */
export function viewData({ data, thresholds, state: { shown } }, about, serial, remembered) {
  const { picture, panes } = about;
  const layers = picture.layers.length;
  const chosen = (shown.panes ?? remembered).filter((pane) => pane in panes);
  const both = [thresholds.pixel, thresholds.beside].slice(0, layers);
  return {
    label: "Viewer", picture, panes, serial, trimmed: data.parts.viewer.trimmed, colours: data.colours, inferno: data.inferno,
    follows: PIXEL_POINT, channel: VIEWER,
    view: {
      panes: chosen.length ? chosen : ["photo"], thresholds: both.map((one) => (Number.isNaN(one) ? null : one)),
      limits: picture.layers.map((_, place) => shown.limits[place] ?? null), opacity: shown.opacity, box: shown.box,
      .../** @type {Record<"truth_outline" | "prediction_outline" | "judged" | "peak", boolean>} */ (
        Object.fromEntries(FLAGS.map((flag) => [flag, !shown.hidden.includes(flag)]))),
    },
  };
}

/**
 * What of a view stands in the address.
 * @param {View} view
 * @param {Shown} before
 * @returns {Shown}
 */
export function viewFrom(view, before) {
  const { panes, box, opacity, limits } = view;
  const named = String(panes) === String(before.panes) || before.panes !== null;
  const flags = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (view));
  return { panes: named || String(panes) !== String(ALL) ? panes : null, box, opacity, limits,
    hidden: FLAGS.filter((flag) => !flags[flag]) };
}

/**
 * The image in one line: its name, outcome, score and causes.
 * @param {Store} store
 * @param {number} number
 */
export function titleOf({ data, table, model, thresholds }, number) {
  if (number < 0) return "These filters leave no image.";
  const score = table.scores[number];
  const causes = data.words.causes.filter((_, bit) => model.causes[number] & (1 << bit)).map(([, words]) => words);
  const sign = score >= thresholds.image ? "≥" : "<";
  return [table.names[number], data.words.outcomes[model.outcomes[number]],
    `${digits(score)} ${sign} ${digits(thresholds.image)}`, causes.length ? `cause: ${causes.join(", ")}` : ""]
    .filter(Boolean).join(" · ");
}
