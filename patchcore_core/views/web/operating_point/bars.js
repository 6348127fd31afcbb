// The histograms, a lane for each class: good upwards and defective downwards from the middle, unlabelled below them.

import { shape, text } from "../lib/dom.js";
import { compact } from "../lib/numbers.js";
import { SIDE, toX } from "./axis.js";
/** @import { Axis } from "./axis.js" */
/** @import { ScoreClass } from "./counts.js" */
/** @import { State } from "./state.js" */

const LANE = 58; // pixels, of one class
const MIDDLE = 12; // between good and defective: one tick per score, where they are few
const FEW = 300; // scores of a class that get a tick each
const FILLS = { good: "solid", defective: "hatch", unlabelled: "dots" };

/**
 * @typedef {object} Lane pixels from the top of the picture
 * @property {ScoreClass} one
 * @property {boolean} up whether its bars grow upwards
 * @property {number} from
 * @property {number} base line of its bars
 * @property {number} end
 */

/**
 * Where the classes have their lanes; those without scores have none, but at least one is there.
 * @param {ScoreClass[]} classes
 * @param {number} top
 * @returns {Lane[]}
 */
export function laneBoxes([good, defective, unlabelled], top) {
  /** @type {Lane[]} */
  const lanes = [];
  const add = (/** @type {ScoreClass} */ one, /** @type {number} */ from, /** @type {boolean} */ up) => {
    const end = from + LANE;
    lanes.push({ one, up, from, end: up ? end + MIDDLE / 2 : end, base: up ? end : from });
  };
  let y = top + 4;
  if (good.total || !unlabelled.total) add(good, y, true);
  if (lanes.length) y += LANE + MIDDLE;
  if (defective.total) {
    add(defective, y, false);
    y += LANE + MIDDLE;
  }
  if (unlabelled.total) add(unlabelled, y + (defective.total ? 4 : 0), true);
  return lanes;
}

/**
 * What is drawn in a lane.
 * @param {State} state
 * @param {Lane} lane
 * @returns {SVGElement[]}
 */
export function laneShapes({ classes, axis, log }, { one, up, from, base }) {
  const bars = histogram(one, axis, Math.max(...classes.map(({ total }) => total))); // the same bars for all classes
  const most = Math.max(...bars.map(({ count }) => count), 0);
  const right = SIDE + axis.width;
  const found = [
    shape("path", { class: `bar ${one.name} ${FILLS[one.name]}`, d: outline(bars, most, log, base, up) }),
    shape("path", { class: "base", d: `M${SIDE} ${base}h${axis.width}` }),
    text(one.name, { class: "class", x: 4, y: up ? base - LANE / 2 : base + LANE / 2 + 4 }),
    text(`max ${compact(most)}`, { class: "most", x: right + 4, y: up ? from + 10 : from + LANE - 2 }),
  ];
  if (one.scores && one.scores.length <= FEW) found.push(rug(one.name, one.scores, axis, base, up ? 1 : -1));
  return found;
}

/** @typedef {{ x: number, width: number, count: number }} Bar */

/**
 * @param {ScoreClass} one
 * @param {Axis} axis
 * @param {number} largest total of a class
 * @returns {Bar[]}
 */
export function histogram({ below }, { low, high, width, side }, largest) {
  const number = Math.round(Math.min(20 + 2 * Math.sqrt(largest), width / 7));
  const edge = (/** @type {number} */ bin) => low + (bin / number) * (high - low);
  return Array.from({ length: number }, (_, bin) => ({
    x: side + (bin / number) * width + 0.5,
    width: width / number - 1,
    count: below(edge(bin + 1)) - below(edge(bin)),
  }));
}

/**
 * The path around all bars; one that counts anything is at least a pixel high.
 * @param {Bar[]} bars
 * @param {number} most count of a bar
 * @param {boolean} log
 * @param {number} base
 * @param {boolean} up
 * @param {number} [lane] pixels
 */
export function outline(bars, most, log, base, up, lane = LANE) {
  const share = (/** @type {number} */ count) => (log ? Math.log1p(count) / Math.log1p(most) : count / most);
  return bars.filter(({ count }) => count > 0).map(({ x, width, count }) => {
    const height = Math.max((lane - 2) * share(count), 1);
    return `M${x} ${base}h${width}v${up ? -height : height}h${-width}z`;
  }).join("");
}

/**
 * One tick for every single score, beyond the base line.
 * @param {string} name
 * @param {ArrayLike<number>} scores
 * @param {Axis} axis
 * @param {number} base
 * @param {1 | -1} sign
 */
function rug(name, scores, axis, base, sign) {
  const ticks = Array.from(scores, (score) => `M${toX(axis, score)} ${base + sign}v${4 * sign}`);
  return shape("path", { class: `rug ${name}`, d: ticks.join("") });
}

/** The fills of the bars and of the zone to review. */
export function patterns() {
  const user = { patternUnits: "userSpaceOnUse" };
  const hatch = shape("pattern", { id: "hatch", width: 5, height: 5, ...user, patternTransform: "rotate(45)" });
  hatch.append(shape("rect", { class: "hatch-back", width: 5, height: 5 }),
    shape("rect", { class: "hatch-line", width: 3, height: 5 }));
  const dots = shape("pattern", { id: "dots", width: 4, height: 4, ...user });
  dots.append(shape("rect", { class: "dot-back", width: 4, height: 4 }),
    shape("circle", { class: "dot", cx: 2, cy: 2, r: 1.2 }));
  const wide = shape("pattern", { id: "wide", width: 8, height: 8, ...user, patternTransform: "rotate(-45)" });
  wide.append(shape("rect", { class: "wide-line", width: 1.5, height: 8 }));
  const found = shape("defs");
  found.append(hatch, dots, wide);
  return found;
}
