// The four outcomes, recall per defect type and per region size, counted here while handles move (the event
// "thresholds"). A click on a cell or a bar is told: [what, which].

import { element, setColours } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { grouped, numbers } from "../lib/numbers.js";
import { Bars } from "./bars.js";
import { reaching, wilson } from "./counts.js";
import { Outcomes } from "./outcomes.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Mount } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */

const STEPS = 10; // of a region's overlap

/**
 * @typedef {[from: number, to: number]} AreaRange
 * @typedef {{ range: AreaRange, interval: Packed, peaks: Packed, steps: Packed }} Size the regions of one size class:
 *   their highest scores, the scores at which each tenth of one is found, and the interval of their recall
 * @typedef {["outcome", string] | ["defect", string] | ["size", AreaRange]} Choice
 *
 * @typedef {object} Data all scores ascending
 * @property {Packed} good
 * @property {{ name: string, scores: Packed }[]} kinds
 * @property {string} no_kinds said where there are none
 * @property {Size[] | string} sizes or why there are none
 * @property {string[]} notes
 * @property {string} label
 * @property {string} follows key of the operating point of images
 * @property {string} follows_pixels
 * @property {Packed} thresholds low and high
 * @property {Packed} pixel_threshold one number, NaN where there is none
 * @property {number} [intervals_at] the pixel threshold at which the intervals of sizes hold, where it is another
 * @property {Record<string, string>} helps
 * @property {{ outcome: string[], defect: string[], size: AreaRange[] }} chosen
 * @property {Record<string, string>} colours
 *
 * @typedef {{ chosen: Choice }} Tells
 *
 * @typedef {ArrayLike<number>} Scores
 * @typedef {{ name: string, range: AreaRange, peaks: Scores, steps: Scores, interval: [number, number] }} Regions
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("tally", (root, emit, life) => {
  const tally = new Tally(root, (choice) => emit("chosen", choice));
  const drawSoon = life.eachFrame(() => tally.draw());
  life.hear("thresholds", (moved) => {
    if (tally.follow(moved)) drawSoon();
  });
  return (data) => tally.take(data);
});

class Tally {
  /** @type {Data | null} */
  data = null;
  low = NaN;
  high = NaN;
  pixel = NaN;
  given = NaN; // the pixel threshold for which Python gave intervals
  /** @type {Scores} */
  good = [];
  /** @type {{ name: string, scores: Scores }[]} */
  kinds = [];
  /** @type {Regions[]} */
  sizes = [];

  /**
   * @param {HTMLElement} root
   * @param {(choice: Choice) => void} choose
   */
  constructor(root, choose) {
    this.root = root;
    this.blocks = {
      outcomes: block("Outcomes", "outcomes"), defects: block("Recall per defect type", "defects"),
      sizes: block("Recall per region size", "sizes"),
    };
    const { outcomes, defects, sizes } = this.blocks;
    this.outcomes = new Outcomes(choose);
    this.defectBars = new Bars(defects.body, choose);
    this.sizeBars = new Bars(sizes.body, choose);
    this.notes = element("div");
    outcomes.body.append(this.outcomes.root, this.outcomes.shares, this.outcomes.review, this.notes);
    root.setAttribute("role", "group");
    root.append(element("div", "blocks", outcomes.section, defects.section, sizes.section));
  }

  /** @param {Data} data */
  take(data) {
    this.data = data;
    [this.low, this.high] = numbers(data.thresholds);
    [this.pixel] = numbers(data.pixel_threshold);
    this.given = data.intervals_at ?? this.pixel;
    this.good = numbers(data.good);
    this.kinds = data.kinds.map(({ name, scores }) => ({ name, scores: numbers(scores) }));
    this.sizes = typeof data.sizes === "string" ? [] : data.sizes.map(regions);
    this.root.setAttribute("aria-label", data.label);
    setColours(this.root, data.colours);
    this.outcomes.explain(data.helps);
    this.blocks.outcomes.title.title = data.helps.outcomes;
    this.blocks.defects.title.title = data.helps.defects;
    this.blocks.sizes.title.title = data.helps.sizes;
    this.notes.replaceChildren(...data.notes.map((note) => element("div", "note", note)));
    this.#list(data);
    this.draw();
  }

  /** @param {Data} data */
  #list({ chosen, no_kinds: noKinds, sizes: noSizes }) {
    this.defectBars.list(this.kinds.map(({ name }) => ({ name, choice: ["defect", name] })), noKinds);
    this.sizeBars.list(this.sizes.map(({ name, range }) => ({ name, choice: ["size", range] })), String(noSizes));
    this.outcomes.mark(chosen.outcome);
    this.defectBars.mark(new Set(chosen.defect));
    this.sizeBars.mark(new Set(chosen.size.map(rangeName)));
  }

  /**
   * Whether these are the thresholds that it follows.
   * @param {Events["thresholds"]} moved
   */
  follow({ source, low, high }) {
    if (source === this.data?.follows) Object.assign(this, { low, high });
    else if (source === this.data?.follows_pixels) this.pixel = high;
    else return false;
    return true;
  }

  draw() {
    const { kinds, good, low, high } = this;
    const all = [good, ...kinds.map(({ scores }) => scores)];
    const doubtful = all.reduce((sum, scores) => sum + reaching(scores, low) - reaching(scores, high), 0);
    const counts = { hits: 0, defective: 0, alarms: reaching(good, high), good: good.length, doubtful };
    for (const { name, scores } of kinds) {
      const [found, total] = [reaching(scores, high), scores.length];
      const interval = wilson(found, total);
      counts.hits += found;
      counts.defective += total;
      this.defectBars.show({ name, found, total, interval,
        words: `${name}: ${found} of ${total} found${between(interval)}` });
    }
    this.outcomes.show(counts);
    for (const size of this.sizes) this.#drawSize(size);
  }

  /** @param {Regions} size */
  #drawSize({ name, range: [from, to], peaks, steps, interval: given }) {
    const [found, total] = [reaching(peaks, this.pixel), peaks.length];
    /** @type {[number, number]} */
    const interval = this.pixel === this.given ? given : [NaN, NaN]; // resampled images: Python's work
    const marked = reaching(steps, this.pixel) / (STEPS * total);
    this.sizeBars.show({ name, found, total, interval,
      words: `${grouped(from)} to ${grouped(to)} pixels: ${found} of ${total} regions found${between(interval)}\n` +
        `on average ${percent(marked)} of a region is marked` });
  }
}

/**
 * @param {string} words
 * @param {string} name
 */
function block(words, name) {
  const title = element("h4", "title", words);
  const body = element("div", "body");
  const section = element("section", `block ${name}`, title, body);
  section.setAttribute("aria-label", words);
  return { section, title, body };
}

/**
 * @param {Size} size
 * @returns {Regions}
 */
function regions({ range, peaks, steps, interval }) {
  const [low, high] = numbers(interval);
  return { name: rangeName(range), range, peaks: numbers(peaks), steps: numbers(steps), interval: [low, high] };
}

/** @param {AreaRange} range */
function rangeName([from, to]) {
  return `${grouped(from)}–${grouped(to)} px`;
}

/** @param {[low: number, high: number]} interval */
function between([low, high]) {
  return Number.isNaN(low) ? "" : ` (95 %: ${percent(low)} to ${percent(high)})`;
}

/** @param {number} part */
function percent(part) {
  return `${Math.round(100 * part)} %`;
}
