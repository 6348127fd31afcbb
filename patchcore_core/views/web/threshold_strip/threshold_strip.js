// The operating point in one row: a slim histogram with its handles, the named thresholds, what they find and miss. It
// moves and follows as the full histogram does (operating_point.js), with which it may stand: both say and hear the
// event "thresholds" of their channel. One level is shown at a time; each keeps its own thresholds.
//
//   const strip = mount(root, data, (name, value) => …);
//   strip.update({ ...data, figures, sides: { ...sides, images: { ...images, high } } });
//
// While a handle moves the event says it; `released` is told once, when it is let go.

import { button, element, setColours } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { Replies } from "../lib/replies.js";
import { axisOf } from "../operating_point/axis.js";
import { scoreClasses } from "../operating_point/counts.js";
import { draggable, press } from "../operating_point/handles.js";
import { flush, follow, standing, takeTyped } from "../operating_point/moving.js";
import { HANDLES } from "../operating_point/parts.js";
import { Figures } from "./figures.js";
import { LevelButtons } from "./levels.js";
import { PointMenu } from "./point_menu.js";
import { farFromBest } from "./separation.js";
import { SIDE, drawSlim, placeSlim, slimPlot } from "./slim.js";
/** @import { Emit, Life, Mount } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */
/** @import { Label, Moving, Named, Thresholds } from "../operating_point/state.js" */
/** @import { Figure } from "./figures.js" */
/** @import { Offered } from "./point_menu.js" */

/**
 * @typedef {"images" | "pixels"} Level
 *
 * @typedef {object} Side one level; either `scores`, ascending, or `counts` in bins between `edges`
 * @property {string} channel the source of its events
 * @property {Record<Label, Packed>} [scores]
 * @property {Record<Label, Packed>} [counts]
 * @property {Packed} [edges]
 * @property {number} low where the review zone starts; = high without one
 * @property {number} high
 * @property {boolean} zone whether there may be one
 * @property {boolean} log whether counts are drawn on a logarithmic scale
 * @property {Offered[]} points thresholds to choose from
 * @property {Offered[]} starts of the review zone
 * @property {string} source what the threshold was set on, in a few words
 * @property {string} sentence about it
 *
 * @typedef {object} Use
 * @property {boolean} differs whether the thresholds differ from those that the run uses
 * @property {string} stored "by Ada, 4 May 2026"; "" while the run uses the held-out ones
 * @property {string} refused why the run takes none now, a sentence; "" where it does
 * @property {string} failed why those that were to be used were not stored, a sentence, or ""
 *
 * @typedef {object} Data
 * @property {Level} level
 * @property {{ images: Side | null, pixels: Side | null }} sides null where the run has no such scores
 * @property {Figure[]} figures at these thresholds, whatever the level that is shown
 * @property {string} line what else is to be known in one line, or ""; that other thresholds would make fewer errors is
 *   said by the strip itself
 * @property {Use | null} use null where thresholds cannot be stored: then no buttons for it are there
 * @property {boolean} open whether the full histogram is shown
 * @property {Record<string, string>} colours
 *
 * @typedef {object} Tells
 * @property {Level} level
 * @property {{ level: Level, low: number, high: number }} released
 * @property {{ level: Level, which: "low" | "high", name: string }} named a named threshold was chosen; "" for `low`: no
 *   review zone
 * @property {true} use these thresholds with the run from now on
 * @property {true} release go back to the held-out ones
 * @property {boolean} open
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("threshold-strip", (root, emit, life, first) => {
  const strip = new Strip(root, emit, life, first);
  life.hear("thresholds", (moved) => follow(strip.state, moved));
  life.watchSize(strip.plot.root, () => strip.state.draw());
  return (data) => strip.take(data);
});

class Strip {
  plot = slimPlot();
  /** @type {Side["scores"]} what the classes were made of */
  #counted = undefined;

  /**
   * @param {HTMLElement} root
   * @param {Emit<Tells>} emit
   * @param {Life} life
   * @param {Data} data
   */
  constructor(root, emit, life, data) {
    this.root = root;
    this.data = data;
    this.state = this.#beginning(emit, life);
    this.levels = new LevelButtons((level) => emit("level", level));
    const named = (/** @type {"low" | "high"} */ which) => (/** @type {string} */ name) =>
      emit("named", { level: this.data.level, which, name });
    this.points = new PointMenu(life, "Threshold", named("high"));
    this.starts = new PointMenu(life, "Review zone", named("low"));
    this.figures = new Figures();
    this.use = button("Use", () => emit("use", true), { name: "button" });
    this.back = button("Back to held-out", () => emit("release", true), { name: "button bare" });
    this.more = button("", () => emit("open", !this.data.open), { name: "button bare more" });
    this.source = element("div", "source about");
    this.told = element("p", "told"); // the same where the window is narrow
    const { inputs } = this.plot;
    this.starts.add(element("label", "by-hand", "Review zone from", inputs.low));
    this.points.add(this.told);
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Operating point");
    root.append(element("div", "row", this.levels.root, this.plot.root, inputs.high, this.points.root,
      this.starts.root, this.use, this.back, this.more), element("div", "row said", this.figures.root, this.source));
    this.#grip();
  }

  /** @param {Data} data */
  take(data) {
    const turned = data.level !== this.data.level;
    if (turned) {
      flush(this.state);
      this.state.replies = replies();
    }
    this.data = data;
    const side = this.side;
    setColours(this.root, data.colours);
    this.levels.take(data);
    this.figures.take(data.figures);
    this.#takeUse(data.use);
    this.more.textContent = data.open ? "▾ Histogram" : "▸ Histogram";
    this.more.setAttribute("aria-expanded", String(data.open));
    for (const part of [this.plot.root, this.plot.inputs.high]) part.classList.toggle("absent", !side);
    this.points.take(side?.points ?? [], side ? side.high : NaN);
    this.starts.take(side?.zone ? side.starts : [], side?.zone ? side.low : NaN, side?.low === side?.high);
    if (side) this.#takeSide(side, turned);
    this.#say();
  }

  /** What the threshold was set on, and what else is to be known of it. */
  #say() {
    const { side, state, data: { line } } = this;
    const rule = side?.points.find(({ value }) => value === side.high)?.label ?? "the threshold set by hand";
    const far = side && !Number.isNaN(side.high) ? farFromBest(state.classes, side.high, rule) : "";
    const failed = this.data.use?.failed ?? "";
    this.source.textContent = failed || [side?.source, far || line || side?.sentence].filter(Boolean).join(" · ");
    this.root.classList.toggle("fails", failed !== "");
    this.source.title = [side?.sentence, far, line].filter(Boolean).join("\n");
    this.told.textContent = this.source.title;
  }

  get side() {
    return this.data.sides[this.data.level];
  }

  /**
   * @param {Side} side
   * @param {boolean} turned whether another level was shown before
   */
  #takeSide(side, turned) {
    const { state } = this;
    state.data = { channel: side.channel, zone: side.zone, named: namedOf(side) };
    if (turned || !this.#counted || this.#counted !== (side.scores ?? side.counts)) state.classes = scoreClasses(side);
    this.#counted = side.scores ?? side.counts;
    const current = turned || state.replies.isCurrent(standing(side));
    if (current && !state.drag && !state.resting.runs) Object.assign(state, standing(side));
    this.root.classList.toggle("single", !side.zone);
    state.draw();
  }

  /** @param {Use | null} use */
  #takeUse(use) {
    this.use.hidden = this.back.hidden = use === null;
    if (!use) return;
    const { differs, stored, refused } = use;
    this.use.disabled = !differs || refused !== "";
    this.use.title = refused || (differs
      ? "Use these thresholds with the run from now on: Inspect, score, Compare, reports"
      : stored ? `In use, ${stored}` : "The thresholds set on held-out images are in use");
    this.back.classList.toggle("idle", !stored);
    this.back.disabled = !stored;
    this.back.title = stored ? `In use: those stored ${stored}` : "";
  }

  #grip() {
    const { state, plot } = this;
    for (const which of HANDLES) {
      draggable(state, plot.flags[which], () => (state.data.zone && state.low < state.high ? which : "both"));
      plot.flags[which].onkeydown = (event) => press(state, event, which, event.shiftKey || state.low === state.high);
      plot.flags[which].onblur = () => flush(state);
      plot.inputs[which].onchange = () => takeTyped(state, which);
      plot.inputs[which].onkeydown = (event) => {
        if (event.key !== "Escape") event.stopPropagation(); // digits typed here are no shortcuts
      };
    }
  }

  /**
   * @param {Emit<Tells>} emit
   * @param {Life} life
   * @returns {Moving}
   */
  #beginning(emit, life) {
    const { side } = this;
    const start = standing(side ?? { low: NaN, high: NaN });
    /** @type {Moving} */
    const state = {
      root: this.root, parts: this.plot, data: { channel: "", zone: false, named: [] }, classes: [], ...start,
      axis: axisOf([], [0, 1], 0, SIDE), drag: null, before: start, resting: life.timer(),
      replies: replies(),
      draw: () => {
        if (this.side) drawSlim(state, this.plot, this.side.log);
      },
      place: () => this.#place(state),
      tell: (low, high) => emit("released", { level: this.data.level, low, high }),
    };
    return state;
  }

  /** @param {Moving} state */
  #place(state) {
    placeSlim(state, this.plot);
    this.points.mark(state.high);
    this.starts.mark(state.low, state.low === state.high);
  }
}

/** Of one level. */
function replies() {
  return new Replies((/** @type {Thresholds} */ one, other) => one.low === other.low && one.high === other.high);
}

/**
 * What handles snap to.
 * @param {Side} side
 * @returns {Named[]}
 */
function namedOf({ points, starts, zone }) {
  const all = zone ? [...points, ...starts] : points;
  return all.flatMap(({ name, value, label, help }) => (value === null ? [] : [{ name, value, label, help }]));
}
