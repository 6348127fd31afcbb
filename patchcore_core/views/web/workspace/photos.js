// The two lists of images of a run: those that it was tested on, and those that it was fitted on.

import { stateOf, vocabularyOf } from "./model/address.js";
import { tableOf } from "./model/listing.js";
/** @import { Data, Photos, State, Which } from "./data.js" */
/** @import { Vocabulary } from "./model/address.js" */
/** @import { Table } from "./model/listing.js" */

/** @typedef {Pick<State, "chosen" | "image"> & { panes: string[] | null }} Left what was chosen in a list */

/**
 * The list that is shown where none is named: the training images of a run without test images.
 * @param {Data} data
 * @returns {Which}
 */
export function usual({ images, training }) {
  return training && !images.names.length ? "training" : "test";
}

export class Lists {
  /** @type {Which} the one that is shown */
  which = "test";
  /** @type {Photos} of the one that is shown, as all that follows */
  photos;
  /** @type {Table} */
  table;
  /** @type {Vocabulary} */
  vocabulary;
  /** @type {string[]} */
  orders = [];
  #data;
  #training;
  /** @type {Map<Which, Left>} */
  #left = new Map();

  /**
   * @param {Data} data
   * @param {string} search of the address
   */
  constructor(data, search) {
    const { images, pictures, whole, words, parts, training } = data;
    this.#data = data;
    this.test = { images, pictures, whole, orders: words.orders, point: parts.point };
    /** All test images. */
    this.tests = tableOf(images);
    this.#training = training && { photos: training, table: tableOf(training.images) };
    this.photos = this.test;
    this.table = this.tests;
    this.vocabulary = vocabularyOf(data);
    this.read(search);
  }

  /**
   * Show the list that the address names, else the usual one.
   * @param {string} search
   */
  read(search) {
    const named = new URLSearchParams(search).get("images");
    this.#show(named === "test" || named === "training" ? named : usual(this.#data));
  }

  /** @param {Which} which */
  #show(which) {
    const shown = (which === "training" && this.#training) || { photos: this.test, table: this.tests };
    this.which = shown.table === this.tests ? "test" : "training";
    this.photos = shown.photos;
    this.table = shown.table;
    this.vocabulary = { ...vocabularyOf({ words: this.#data.words, images: shown.photos.images }),
      tag: this.vocabulary.tag };
    this.orders = shown.photos.orders.map(([words]) => words);
  }

  /**
   * Show this list instead: what was chosen in it before, or nothing.
   * @param {Which} which
   * @param {Left} left what is chosen in the one that is left
   * @returns {Left & Pick<State, "images">}
   */
  turn(which, left) {
    this.#left.set(this.which, left);
    this.#show(which);
    const { chosen } = stateOf("", this.vocabulary, this.orders);
    return { ...this.#left.get(this.which) ?? { chosen, image: "", panes: null },
      images: this.which === usual(this.#data) ? "" : this.which };
  }
}
