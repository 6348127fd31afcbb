// What the gallery and the filters are given.

import { packed } from "../../lib/numbers.js";
import { pictureAddress } from "../../lib/pictures.js";
import { GALLERY, POINT } from "../names.js";
import { REVIEW, SHORT, offered } from "../model/outcomes.js";
/** @import { Data as FilterData } from "../../filter_bar/filter_bar.js" */
/** @import { Data as GalleryData } from "../../gallery/state.js" */
/** @import { Store } from "../store.js" */

const BY_OVERLAP = ["lowest IoU first", "highest IoU first", "most overlooked area first"];
const ZONE = "Score within the review zone, below the image threshold";
const NARROW = "(max-width: 60rem)"; // as in workspace.css: the gallery is a strip above the pictures

/** @param {string[]} words one an image */
function coded(words) {
  const table = [...new Set(words)];
  const places = new Map(table.map((word, place) => [word, place]));
  return { words: table, places: words.map((word) => places.get(word) ?? 0) };
}

/** @typedef {Pick<GalleryData, "ids" | "addresses" | "scores" | "labels" | "kinds">} Columns */

/** @type {WeakMap<number[], Columns>} what does not change while the same images are listed */
const columns = new WeakMap();

/**
 * @param {Store} store
 * @returns {Columns}
 */
function columnsOf({ data, table, list }) {
  const found = columns.get(list) ?? {
    ids: list.map((number) => table.names[number]),
    addresses: list.map((number) => pictureAddress(data.pictures, number, "thumbnail")),
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
  const { data, table, list, thresholds } = store;
  const said = data.words.verdicts;
  return {
    ...columnsOf(store), verdicts: coded(list.map((number) => table.verdicts[number] && said[table.verdicts[number]])),
    selected: table.names[store.current()] ?? "", label: "Test images", channel: GALLERY, follows: POINT,
    thresholds: [thresholds.from, thresholds.image], layout: matchMedia(NARROW).matches ? "strip" : "grid",
    height: 400, colours: data.colours,
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
  /** @param {"defect" | "cause" | "verdict" | "tag"} name */
  const options = (name) => vocabulary[name].map(([value, label]) => ({ value, label,
    count: found[name].get(value) ?? 0, help: name === "cause" ? helps[value] ?? "" : "" }))
    .filter(({ value, count }) => count > 0 || chosen[name].includes(value));
  const outcome = offered(table.labels).map((value) => ({ value, label: SHORT[value],
    count: found.outcome.get(value) ?? 0, help: value === REVIEW ? ZONE : data.words.outcomes[value] }));
  return {
    chosen, options: { outcome, defect: options("defect"), cause: options("cause"), verdict: options("verdict"),
      tag: options("tag") },
    scores: data.whole.score, sizes: data.whole.size, shown: list.length, total: table.count,
    orders: store.orders.map((words) => ({ value: words,
      label: store.overlapBusy && BY_OVERLAP.includes(words) ? `${words} …` : words })),
  };
}
