// One panel: a curve, a ring at its operating point, and a cross at the point that a person looks at.

import { button, element, put, shape } from "../lib/dom.js";
import { withModifier } from "../lib/keys.js";
import { numbers } from "../lib/numbers.js";
import { AXES, AXIS_NAMES, EDGE, HIGH, across, down, ground } from "./axes.js";
/** @import { Packed } from "../lib/numbers.js" */
/** @import { AxisName } from "./axes.js" */

const RING = 5.5;
const PAGE = 20; // points, for Page Up and Page Down
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: PAGE, PageDown: -PAGE };

/**
 * @typedef {object} Given one panel: points of a curve (N,), its thresholds descending
 * @property {string} name
 * @property {string} title
 * @property {"image" | "pixel"} level
 * @property {"roc" | "precision_recall" | "pro"} kind
 * @property {string} x_title
 * @property {string} y_title
 * @property {Packed} x
 * @property {Packed} y
 * @property {Packed} thresholds
 * @property {string} undefined why there is no curve, or ""
 */

export class Panel {
  /** @type {AxisName} */
  axis = "whole";
  /** @type {number | null} place of the point that a person looks at */
  at = null;
  wide = 0; // pixels
  threshold = NaN; // of the operating point
  limit = NaN; // false positive rate up to which the overlap counts
  /** @type {ArrayLike<number>} */
  x = [];
  /** @type {ArrayLike<number>} */
  y = [];
  /** @type {ArrayLike<number>} */
  thresholds = [];

  /**
   * @param {Given} given
   * @param {(name: string, threshold: number) => void} tell
   */
  constructor(given, tell) {
    this.given = given;
    this.tell = tell;
    this.parts = {
      title: element("span", "title"), axes: button("", () => this.nextAxis(), { name: "axes" }),
      svg: shape("svg", { role: "slider", tabindex: 0 }), said: element("div", "said"),
      nothing: element("p", "undefined"), ring: shape("circle", { class: "ring", r: RING }),
      cross: shape("g", { class: "cross" }),
      lines: [shape("line"), shape("line")], dot: shape("circle", { r: 3.5 }),
    };
    const { title, axes, svg, said, nothing, cross, lines, dot } = this.parts;
    cross.append(...lines, dot);
    said.setAttribute("aria-hidden", "true"); // the slider says it
    this.figure = element("figure", "panel", element("div", "head", title, axes), svg, said, nothing);
    svg.addEventListener("pointermove", (event) => this.point(this.nearest(event)));
    svg.addEventListener("pointerleave", () => this.point(null));
    svg.addEventListener("blur", () => this.point(null));
    svg.addEventListener("click", (event) => this.choose(this.nearest(event)));
    svg.addEventListener("keydown", (event) => this.onKey(event));
  }

  /**
   * Show this curve, and the operating point of this threshold.
   * @param {Given} given
   * @param {number} threshold
   * @param {number} limit
   */
  take(given, threshold, limit) {
    const { title, axes, svg, said, nothing } = this.parts;
    Object.assign(this, { given, threshold, limit, x: numbers(given.x), y: numbers(given.y),
      thresholds: numbers(given.thresholds) });
    const lacks = Boolean(given.undefined);
    title.textContent = given.title;
    nothing.textContent = given.undefined;
    axes.hidden = lacks || given.level !== "pixel" || given.kind === "precision_recall";
    svg.toggleAttribute("hidden", lacks);
    said.hidden = lacks;
    svg.setAttribute("aria-label", `${given.title}: arrow keys walk along the curve, Enter sets the ` +
      `threshold of ${given.level}s there`);
    if (this.at !== null && this.at >= this.x.length) this.at = null;
    this.draw();
  }

  /** @param {number} threshold of the operating point */
  follow(threshold) {
    this.threshold = threshold;
    this.showRing();
  }

  nextAxis() {
    this.axis = AXIS_NAMES[(AXIS_NAMES.indexOf(this.axis) + 1) % AXIS_NAMES.length];
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (withModifier(event)) return;
    const { key } = event;
    const last = this.x.length - 1;
    let place = this.at ?? this.operatingPoint();
    if (key in STEPS) place += STEPS[key];
    else if (key === "Home") place = 0;
    else if (key === "End") place = last;
    else if (key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation(); // no shortcut of the page
    if (key === "Enter") this.choose(this.at);
    else this.point(Math.min(Math.max(place, 0), last));
  }

  /** @param {number | null} place */
  choose(place) {
    if (place !== null && Number.isFinite(this.thresholds[place])) this.tell(this.given.name, this.thresholds[place]);
  }

  /**
   * The place of the point in view that is nearest to the pointer.
   * @param {MouseEvent} event
   */
  nearest({ clientX, clientY }) {
    const box = this.parts.svg.getBoundingClientRect();
    const [left, top] = [clientX - box.left, clientY - box.top];
    /** @type {number | null} */
    let best = null;
    let least = Infinity;
    for (let place = 0; place < this.x.length; place += 1) {
      const apart = (across(this, this.x[place]) - left) ** 2 + (down(this.y[place]) - top) ** 2;
      const there = Number.isFinite(this.thresholds[place]) && !this.isBeyond(place);
      if (there && apart < least) [best, least] = [place, apart];
    }
    return best;
  }

  /**
   * Whether a point lies right of the axis.
   * @param {number} place
   */
  isBeyond(place) {
    return this.x[place] > AXES[this.axis].end;
  }

  /** The point that a threshold has, as Python's Curve.at: the last whose threshold is not below it; -1 for none. */
  operatingPoint() {
    let [low, high] = [0, this.thresholds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.thresholds[middle] >= this.threshold) low = middle + 1;
      else high = middle;
    }
    return Number.isNaN(this.threshold) ? -1 : low - 1;
  }

  draw() {
    const { svg, axes, ring, cross } = this.parts;
    this.wide = svg.clientWidth || (svg.parentElement?.clientWidth ?? 0);
    if (!this.wide || !this.x.length) return;
    const { words } = AXES[this.axis];
    svg.setAttribute("viewBox", `0 0 ${this.wide} ${HIGH}`);
    axes.textContent = words;
    axes.setAttribute("aria-label", `Axis of ${this.given.title}: ${words}; press for another`);
    svg.replaceChildren(...ground(this, this.limit), shape("path", { class: "curve", d: this.path() }), cross, ring);
    this.showRing();
    this.point(this.at);
  }

  /** Points that lie less than half a pixel from the one before are not drawn. */
  path() {
    const { x, y, given } = this;
    /** @type {string[]} */
    const parts = [];
    let [last, height] = [NaN, NaN];
    for (let place = 0; place < x.length && (place === 0 || !this.isBeyond(place - 1)); place += 1) {
      const [here, there] = [across(this, x[place]), down(y[place])];
      if (Math.abs(here - last) < 0.5 && Math.abs(there - height) < 0.5 && place < x.length - 1) continue;
      if (Number.isNaN(there)) continue;
      const [left, top] = [here.toFixed(1), there.toFixed(1)];
      if (!parts.length) parts.push(`M${left} ${top}`);
      else if (given.kind === "precision_recall") parts.push(`V${top}H${left}`); // as average precision sums them
      else parts.push(`L${left} ${top}`);
      [last, height] = [here, there];
    }
    return parts.join("");
  }

  showRing() {
    const { svg, ring } = this.parts;
    if (!this.wide || !this.x.length) return;
    const place = this.operatingPoint();
    const there = place >= 0 && !Number.isNaN(this.y[place]);
    ring.toggleAttribute("hidden", !there || this.isBeyond(place));
    put(svg, { "data-x": there ? this.x[place] : "", "data-y": there ? this.y[place] : "" });
    if (there) put(ring, { cx: across(this, this.x[place]), cy: down(this.y[place]) });
    if (this.at === null) this.say(place);
  }

  /**
   * Put the cross on a point, or take it away.
   * @param {number | null} place
   */
  point(place) {
    const { cross, lines: [upright, level], dot } = this.parts;
    this.at = place;
    if (!this.wide || !this.x.length) return;
    cross.toggleAttribute("hidden", place === null);
    if (place !== null) {
      const [here, there] = [across(this, this.x[place]), down(this.y[place])];
      put(upright, { x1: here, x2: here, y1: EDGE.top, y2: HIGH - EDGE.bottom });
      put(level, { x1: EDGE.left, x2: this.wide - EDGE.right, y1: there, y2: there });
      put(dot, { cx: here, cy: there });
    }
    this.say(place ?? this.operatingPoint());
  }

  /**
   * Say where a point is.
   * @param {number} place -1 for no point
   */
  say(place) {
    const { given, x, y, thresholds } = this;
    const words = place < 0 ? [`no point at the threshold ${thresholdWords(this.threshold)}`]
      : [`threshold ${thresholdWords(thresholds[place])}`, `${given.x_title} ${rate(x[place])}`,
        `${given.y_title} ${rate(y[place])}`];
    if (place >= 0 && this.isBeyond(place)) words.push("right of this axis");
    this.parts.said.textContent = words.join(" · ");
    put(this.parts.svg, { "aria-valuetext": words.join(" · "), "aria-valuemin": 0,
      "aria-valuemax": Math.max(0, x.length - 1), "aria-valuenow": Math.max(0, place) });
  }
}

/** @param {number} value */
function rate(value) {
  if (Number.isNaN(value)) return "not defined";
  return value > 0 && value < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

/** @param {number} value */
function thresholdWords(value) {
  return Number.isFinite(value) ? Number(value.toPrecision(5)).toString() : "above all scores";
}
