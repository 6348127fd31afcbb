// What the gallery and the filters are given.

import { packed } from "../../lib/numbers.js";
import { pictureAddress } from "../../lib/pictures.js";
import { GALLERY, POINT } from "../names.js";
import { HELPS, SHORT, isMark, offered } from "../model/outcomes.js";
/** @import { Data as FilterData } from "../../filter_bar/filter_bar.js" */
/** @import { Data as GalleryData } from "../../gallery/state.js" */
/** @import { Data, Which } from "../data.js" */
/** @import { Store } from "../store.js" */

const BY_OVERLAP = ["lowest IoU first", "highest IoU first", "most overlooked area first"];
const NARROW = "(max-width: 60rem)"; // as in workspace.css: the gallery is a strip above the pictures

/** @param {string[]} words one an image */
function coded(words) {
  const table = [...new Set(words)];
  const places = new Map(table.map((word, place) => [word, place]));
  return { words: table, places: words.map((word) => places.get(word) ?? 0) };
}

/** @type {Record<Which, [words: string, short: string, help: string]>} */
const LISTS = {
  test: ["Test images", "test", "The images that the run was tested on. Key: L"],
  training: ["Training images", "training", "The images that the run was fitted on, by their held-out scores. Key: L"],
};

const NOT_RECORDED = "This run recorded no held-out scores of its training images; Training photos computes them";

/**
 * The lists to choose from.
 * @param {Data} data
 * @returns {FilterData["lists"]}
 */
function listsOf({ images, training }) {
  const counts = { test: images.names.length, training: training?.images.names.length ?? 0 };
  return Object.entries(LISTS).map(([value, [words, label, help]]) => ({ value, label, words,
    count: counts[/** @type {Which} */ (value)], help: value === "training" && !training ? NOT_RECORDED : help }));
}

/** @typedef {Pick<GalleryData, "ids" | "addresses" | "scores" | "labels" | "kinds">} Columns */

/** @type {WeakMap<number[], Columns>} what does not change while the same images are listed */
const columns = new WeakMap();

/**
 * @param {Store} store
 * @returns {Columns}
 */
function columnsOf({ photos, table, list }) {
  const found = columns.get(list) ?? {
    ids: list.map((number) => table.names[number]),
    addresses: list.map((number) => pictureAddress(photos.pictures, number, "thumbnail")),
    scores: packed(list.map((number) => table.scores[number])),
    labels: list.map((number) => table.labels[number]), kinds: coded(list.map((number) => table.kinds[number])),
  };
  columns.set(list, found);
  return found;
}

/**
 * @param {Store} store
 * @returns {GalleryData}
 */
export function galleryData(store) {
  const { data, table, list, thresholds, which } = store;
  const said = data.words.verdicts;
  return {
    ...columnsOf(store), verdicts: coded(list.map((number) => table.verdicts[number] && said[table.verdicts[number]])),
    selected: table.names[store.current()] ?? "", label: LISTS[which][0], channel: GALLERY, follows: POINT,
    thresholds: [thresholds.from, thresholds.image], layout: matchMedia(NARROW).matches ? "strip" : "grid",
    height: 400, colours: data.colours,
  };
}

/**
 * @param {Store} store
 * @returns {FilterData}
 */
export function filterData(store) {
  const { data, photos, table, list, which, state: { chosen } } = store;
  const { found, vocabulary } = store.counts();
  const helps = Object.fromEntries(data.words.causes.map(([key, , , help]) => [key, help]));
  /** @param {"defect" | "cause" | "verdict" | "tag"} name */
  const options = (name) => which === "training" ? [] : vocabulary[name].map(([value, label]) => ({ value, label,
    count: found[name].get(value) ?? 0, help: name === "cause" ? helps[value] ?? "" : "" }))
    .filter(({ value, count }) => count > 0 || chosen[name].includes(value));
  const outcome = offered(table.labels).map((value) => ({ value, label: SHORT[value],
    count: found.outcome.get(value) ?? 0, help: isMark(value) ? HELPS[value] : data.words.outcomes[value] }));
  return {
    chosen, options: { outcome, defect: options("defect"), cause: options("cause"), verdict: options("verdict"),
      tag: options("tag") },
    scores: photos.whole.score, sizes: photos.whole.size, lists: listsOf(data), list: which, shown: list.length, total: table.count,
    orders: store.orders.map((words) => ({ value: words,
      label: store.overlapBusy && BY_OVERLAP.includes(words) ? `${words} …` : words })),
  };
}
