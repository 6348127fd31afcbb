// What the workspace knows: the run's table, what is chosen, and what follows from both.

import { remembered } from "./memory.js";
import { judgedAt, listed } from "./model/listing.js";
import { searchOf, stateOf } from "./model/address.js";
import { HAS } from "./model/outcomes.js";
import { NO_ZONE, levelsOf, namedAs, thresholdAt, thresholdsOf } from "./model/thresholds.js";
import { Lists } from "./photos.js";
/** @import { Timer } from "../lib/life.js" */
/** @import { Chosen, Costs, Data, Entry, Judgement, Level, Overlap, State, Used, Which } from "./data.js" */

/**
 * @typedef {object} Known what Python has answered since the page was opened
 * @property {Used | null} used
 * @property {{ value: Costs | null, busy: boolean, error: string }} costs
 * @property {Level | null} beside
 */

/** @type {Known["costs"]} */
export const NO_COSTS = { value: null, busy: false, error: "" };

const LABEL_WRONG = "label_wrong";
const WRITE_MS = 200; // the address is written once choices rest: browsers refuse more than a few writes a second

export class Store {
  /** @type {Record<number, Judgement>} by number, those of Python and those on their way */
  judged = {};
  /** @type {unknown[]} what the levels follow from */
  #from = [];
  #writing;

  /**
   * @param {Data} data
   * @param {Timer} writing
   */
  constructor(data, writing) {
    this.#writing = writing;
    this.data = data;
    /** @type {Overlap | null} */
    this.overlap = data.overlap;
    this.overlapBusy = false;
    /** @type {Known} */
    this.known = { used: data.parts.used, costs: NO_COSTS, beside: data.parts.beside?.level ?? null };
    this.levels = levelsOf(data, this.known.used, null, this.known.beside);
    this.#from = [this.known.used, null, this.known.beside];
    this.usual = thresholdAt("", this.levels.image); // the image threshold in use when the page was opened
    this.lists = new Lists(data, location.search);
    this.causeKeys = data.words.causes.map(([key]) => key);
    this.state = stateOf(location.search, this.vocabulary, this.orders);
    if (arrives() && this.which === "test") this.state.shown.panes = remembered().panes;
    this.thresholds = thresholdsOf(this.levels, this.state.named);
    this.model = this.#judge();
    /** Numbers of the images that are listed, in order. */
    this.list = listed(this.table, this.model, this.state.chosen, this.causeKeys);
  }

  get which() {
    return this.lists.which;
  }

  get photos() {
    return this.lists.photos;
  }

  get table() {
    return this.lists.table;
  }

  get vocabulary() {
    return this.lists.vocabulary;
  }

  get orders() {
    return this.lists.orders;
  }

  /**
   * Show this list of images, with what was chosen in it before.
   * @param {Which} which
   */
  turn(which) {
    const { chosen, image, shown } = this.state;
    const { panes, ...before } = this.lists.turn(which, { chosen, image, panes: shown.panes });
    this.change({ ...before, shown: { ...shown, box: null, panes } });
  }

  /** Take the state from the address, unless it is that of another run: whether it was taken. */
  read() {
    this.#writing.stop();
    const run = new URLSearchParams(location.search).get("run") ?? this.data.run.id;
    if (run !== this.data.run.id) return false;
    this.lists.read(location.search);
    this.state = stateOf(location.search, this.vocabulary, this.orders);
    this.refresh();
    return true;
  }

  /**
   * What Python has answered that thresholds depend on.
   * @param {Known} known
   */
  know(known) {
    const parameters = Object.keys(this.state.methods).length > 0; // without any the thresholds of the data hold
    const from = [known.used, parameters ? known.costs.value : null, known.beside];
    this.known = known;
    if (from.every((one, at) => one === this.#from[at])) return;
    this.#from = from;
    this.levels = levelsOf(this.data, known.used, parameters ? known.costs.value : null, known.beside);
    this.refresh();
  }

  /**
   * @param {Overlap | null} overlap of the pixel threshold in use; while that is busy of an earlier one
   * @param {boolean} busy
   */
  knowOverlap(overlap, busy) {
    this.overlapBusy = busy;
    if (overlap === this.overlap) return;
    this.overlap = overlap;
    this.refresh();
  }

  /**
   * What a reviewer said of the image of this number in the list that is shown.
   * @param {number} number
   */
  judgementOf(number) {
    return this.which === "test" ? this.judged[number] : undefined;
  }

  /** Numbers of the test images that are marked as label wrong. */
  get wrong() {
    return this.lists.tests.verdicts.flatMap((verdict, number) => (verdict === LABEL_WRONG ? [number] : []));
  }

  /** What follows from the state. */
  refresh() {
    this.thresholds = thresholdsOf(this.levels, this.state.named);
    this.model = this.#judge();
    this.list = listed(this.table, this.model, this.state.chosen, this.causeKeys);
  }

  /** What the thresholds make of the images; the overlap is that of test images. */
  #judge() {
    const { table, data: { words }, thresholds, which, overlap } = this;
    return judgedAt(table, words.causes, thresholds, which === "test" ? overlap : null);
  }

  /**
   * @param {Partial<State>} fields
   */
  change(fields) {
    Object.assign(this.state, fields);
    if (fields.named || fields.chosen) this.refresh();
    this.#writing.set(WRITE_MS, () => this.write());
  }

  /** Write the address now. */
  write() {
    this.#writing.stop();
    const search = searchOf(this.data.run.id, this.state, this.vocabulary, this.orders[0]);
    if (search !== location.search) history.replaceState(history.state, "", `${location.pathname}${search}`);
  }

  /** @param {Chosen} chosen */
  choose(chosen) {
    this.change({ chosen, image: "", shown: { ...this.state.shown, box: null } });
  }

  /**
   * @param {number} low
   * @param {number} high
   */
  setImageThresholds(low, high) {
    const { named } = this.state;
    const { image, starts } = this.levels;
    const threshold = namedAs(high, image, named.threshold);
    const from = low < high ? namedAs(low, { ...image, points: starts }, named.review_from) : this.#noZone;
    this.change({ named: { ...named, threshold, review_from: from } });
  }

  /** @param {number} value */
  setPixelThreshold(value) {
    const { named } = this.state;
    this.change({ named: { ...named, pixel_threshold: namedAs(value, this.levels.pixel, named.pixel_threshold) } });
  }

  /** @param {number} value of the second run */
  setBesideThreshold(value) {
    const { levels: { beside }, state: { named } } = this;
    if (beside) this.change({ named: { ...named, beside_threshold: namedAs(value, beside, named.beside_threshold) } });
  }

  /**
   * Choose a named threshold.
   * @param {keyof State["named"]} which
   * @param {string} name "": no review zone
   */
  setNamed(which, name) {
    this.change({ named: { ...this.state.named, [which]: name || this.#noZone } });
  }

  /** How the address says that there is no review zone. */
  get #noZone() {
    return this.levels.from === null ? "" : NO_ZONE;
  }

  /** The number of the image that is shown: the chosen one, else the first one listed; -1 where there is none. */
  current() {
    return this.table.numbers.get(this.state.image) ?? this.list[0] ?? -1;
  }

  /**
   * The number of the image that stands `by` places from the one shown, undefined at the end of the list.
   * @param {number} by
   */
  neighbour(by) {
    const place = this.list.indexOf(this.current());
    return place < 0 ? this.list[0] : this.list[place + by];
  }

  /** @param {number} number */
  show(number) {
    this.change({ image: this.table.names[number], shown: { ...this.state.shown, box: null } });
  }

  /**
   * What reviewers said, with what is on its way to Python.
   * @param {Record<number, Judgement>} told
   * @param {Entry[]} pending
   */
  judge(told, pending) {
    this.judged = { ...told };
    for (const entry of pending) {
      const number = this.lists.tests.numbers.get(entry.image ?? "");
      if (number !== undefined) this.#apply(number, entry);
    }
    const { verdicts, tags } = this.lists.tests;
    for (let number = 0; number < this.lists.tests.count; number += 1) {
      verdicts[number] = this.judged[number]?.verdict ?? "";
      tags[number] = this.judged[number]?.tags ?? [];
    }
    this.#tags();
    this.refresh();
  }

  /**
   * @param {number} number
   * @param {Entry} entry
   */
  #apply(number, { kind, verdict = "", note = "", tags = [], author = "" }) {
    const before = this.judged[number];
    if (kind === "verdict") this.judged[number] = { verdict, note, tags, author, given_at: "" };
    if (kind === "note" && before) this.judged[number] = { ...before, note, tags };
    if (kind === "undo") this.judged[number] = { verdict, note, tags, author, given_at: "" };
  }

  #tags() {
    const used = new Set(Object.values(this.judged).flatMap(({ tags }) => tags));
    this.vocabulary.tag = [...used].sort().map((tag) => [tag, tag]);
  }

  /** How many images each value of a filter has, as filters are offered. */
  counts() {
    const { table, model, causeKeys, vocabulary } = this;
    /** @type {Record<string, Map<string, number>>} */
    const found = { outcome: tallied(model.outcomes), defect: tallied(table.kinds), verdict: tallied(table.verdicts),
      tag: tallied(table.tags.flat()), cause: new Map() };
    const { causes } = model;
    for (const [mark, has] of Object.entries(HAS)) {
      found.outcome.set(mark, table.labels.filter((_, number) => has(table, model, number)).length);
    }
    causeKeys.forEach((key, bit) => found.cause.set(key, causes.filter((bits) => bits & (1 << bit)).length));
    const wrong = (/** @type {number} */ number) => ["FN", "FP"].includes(model.outcomes[number]);
    found.cause.set("", causes.filter((bits, number) => !bits && wrong(number)).length);
    return { found, vocabulary };
  }
}

/** Whether the address names a run at most: no link to what somebody saw. */
function arrives() {
  return [...new URLSearchParams(location.search).keys()].every((name) => name === "run");
}

/** @param {string[]} words */
function tallied(words) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}
