// Outcomes, causes, filters and orders of images, as views/listing.py and views/ranking.py have them.

import { numbers } from "../../lib/numbers.js";
import { outcomeOf } from "../../lib/outcomes.js";
import { HAS, isMark } from "./outcomes.js";
/** @import { Coded } from "../../gallery/state.js" */
/** @import { Chosen, Data, Outcome, Overlap, Range, Thresholds } from "../data.js" */

/** @typedef {ArrayLike<number>} Column */

/**
 * @typedef {object} Table the columns of the run's images as they are compared
 * @property {number} count
 * @property {string[]} names
 * @property {string[]} folded names
 * @property {Column} scores
 * @property {number[]} labels
 * @property {string[]} kinds
 * @property {string[]} verdicts keys, "" for none
 * @property {string[][]} tags
 * @property {number[][]} regions
 * @property {Column} largest
 * @property {number[]} causes bits
 * @property {number[]} ranks
 * @property {boolean[]} odd of training images, else []
 * @property {string[]} copies of training images, else []
 * @property {Map<string, number>} numbers by name; of equal names the first
 */

/**
 * @param {Data["images"]} images
 * @returns {Table}
 */
export function tableOf(images) {
  const { names, labels, causes, ranks, odd = [], copies = [] } = images;
  /** @type {Map<string, number>} */
  const places = new Map();
  names.forEach((name, number) => places.has(name) || places.set(name, number));
  return {
    count: names.length, names, folded: names.map(fold), scores: numbers(images.scores), labels, causes, ranks,
    odd, copies,
    kinds: decoded(images.kinds, String), regions: decoded(images.regions, JSON.parse),
    verdicts: names.map(() => ""), tags: names.map(() => []),
    largest: numbers(images.largest), numbers: places,
  };
}

/**
 * @template T
 * @param {Coded} coded
 * @param {(word: string) => T} read
 */
function decoded({ words, places }, read) {
  const values = words.map(read);
  return places.map((place) => values[place]);
}

/**
 * Text for comparison: Unicode normalised, case folded.
 * @param {string} text
 */
export function fold(text) {
  return text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

/**
 * The outcome of each image.
 * @param {Table} table
 * @param {number} threshold
 */
export function outcomesAt({ labels, scores }, threshold) {
  return labels.map((label, number) => outcomeOf(label, scores[number], threshold));
}

/**
 * The causes of each image that has one of these outcomes, as bits.
 * @param {Table} table
 * @param {Data["words"]["causes"]} causes
 * @param {Outcome[]} outcomes
 */
export function causesAt(table, causes, outcomes) {
  /** @type {Record<string, number>} */
  const possible = {};
  causes.forEach(([, , of], bit) => of.forEach((outcome) => possible[outcome] = (possible[outcome] ?? 0) | (1 << bit)));
  return table.causes.map((bits, number) => bits & (possible[outcomes[number]] ?? 0));
}

/**
 * All that depends on the thresholds.
 * @typedef {object} Judged
 * @property {number} threshold
 * @property {number} from where the review zone starts
 * @property {Outcome[]} outcomes
 * @property {boolean[]} review whether the score is within the review zone
 * @property {number[]} causes bits
 * @property {Column} iou NaN where it is not known
 * @property {Column} overlooked
 */

/**
 * @param {Table} table
 * @param {Data["words"]["causes"]} causes
 * @param {Thresholds} thresholds
 * @param {Overlap | null} overlap
 * @returns {Judged}
 */
export function judgedAt(table, causes, thresholds, overlap) {
  const outcomes = outcomesAt(table, thresholds.image);
  const unknown = new Float64Array(table.count).fill(NaN);
  return {
    threshold: thresholds.image, from: thresholds.from, outcomes, causes: causesAt(table, causes, outcomes),
    review: Array.from(table.scores, (score) => score >= thresholds.from && score < thresholds.image),
    iou: overlap ? numbers(overlap.iou) : unknown, overlooked: overlap ? numbers(overlap.overlooked) : unknown,
  };
}

/**
 * The numbers of the images that pass the filters, in their order.
 * @param {Table} table
 * @param {Judged} judged
 * @param {Chosen} chosen
 * @param {string[]} keys of the causes, in the order of their bits
 */
export function listed(table, judged, chosen, keys) {
  const passes = tests(table, judged, chosen, keys);
  const found = [];
  for (let number = 0; number < table.count; number += 1) {
    if (passes.every((test) => test(number))) found.push(number);
  }
  return ordered(found, table, judged, chosen.order);
}

/**
 * @param {Table} table
 * @param {Judged} judged
 * @param {Chosen} chosen
 * @param {string[]} keys
 * @returns {((number: number) => boolean)[]}
 */
function tests(table, judged, chosen, keys) {
  const words = fold(chosen.q).split(/\s+/u).filter(Boolean);
  const { score, size } = chosen;
  /** @type {(((number: number) => boolean) | null)[]} */
  const all = [
    withOutcome(table, judged, chosen.outcome), among(chosen.defect, table.kinds), among(chosen.verdict, table.verdicts),
    chosen.tag.length ? (number) => table.tags[number].some((tag) => chosen.tag.includes(tag)) : null,
    withCause(judged, chosen.cause, keys),
    score && ((number) => within(table.scores[number], score)),
    size && ((number) => table.regions[number].some((area) => within(area, size))),
    words.length ? (number) => words.every((word) => table.folded[number].includes(word)) : null,
  ];
  return all.filter((test) => test !== null);
}

/**
 * @param {string[]} wanted
 * @param {string[]} column
 */
function among(wanted, column) {
  if (!wanted.length) return null;
  const known = new Set(wanted);
  return (/** @type {number} */ number) => known.has(column[number]);
}

/**
 * @param {Table} table
 * @param {Judged} judged
 * @param {string[]} wanted outcomes and marks
 */
function withOutcome(table, judged, wanted) {
  const known = among(wanted, judged.outcomes);
  const marks = wanted.filter(isMark);
  if (!known || !marks.length) return known;
  return (/** @type {number} */ number) => known(number) || marks.some((mark) => HAS[mark](table, judged, number));
}

/**
 * @param {Judged} judged
 * @param {string[]} wanted
 * @param {string[]} keys
 */
function withCause({ causes, outcomes }, wanted, keys) {
  if (!wanted.length) return null;
  const mask = keys.reduce((bits, key, bit) => (wanted.includes(key) ? bits | (1 << bit) : bits), 0);
  const none = wanted.includes("");
  return (/** @type {number} */ number) => (causes[number] & mask) !== 0 ||
    (none && causes[number] === 0 && ["FN", "FP"].includes(outcomes[number]));
}

/**
 * @param {number} value
 * @param {Range} range
 */
function within(value, [from, to]) {
  return value >= from && value <= to;
}

/**
 * Stable, NaN last.
 * @param {number[]} found
 * @param {Table} table
 * @param {Judged} judged
 * @param {string} order
 */
function ordered(found, table, judged, order) {
  const [value, ascending] = ORDERS[order] ?? ORDERS[DEFAULT_ORDER];
  const values = new Map(found.map((number) => [number, value(table, judged, number)]));
  const sign = ascending ? 1 : -1;
  return found.toSorted((one, other) => compared(values.get(one) ?? NaN, values.get(other) ?? NaN, sign));
}

/**
 * @param {number} one
 * @param {number} other
 * @param {number} sign
 */
function compared(one, other, sign) {
  if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
  return one === other ? 0 : one < other ? -sign : sign;
}

export const DEFAULT_ORDER = "highest score first";

/** @type {Record<string, [value: (table: Table, judged: Judged, number: number) => number, ascending: boolean]>} */
const ORDERS = {
  [DEFAULT_ORDER]: [({ scores }, _, number) => scores[number], false],
  "lowest score first": [({ scores }, _, number) => scores[number], true],
  "closest to the threshold first": [({ scores }, { threshold }, number) => Math.abs(scores[number] - threshold), true],
  "most wrong first": [wrongness, false],
  "by name": [({ ranks }, _, number) => ranks[number], true],
  "lowest IoU first": [(_, { iou }, number) => iou[number], true],
  "highest IoU first": [(_, { iou }, number) => iou[number], false],
  "most overlooked area first": [(_, { overlooked }, number) => overlooked[number], false],
  "largest defect first": [({ largest }, _, number) => largest[number], false],
  "smallest defect first": [({ largest }, _, number) => largest[number], true],
};

/**
 * How far an image is on the wrong side of the threshold; NaN without a label.
 * @param {Table} table
 * @param {Judged} judged
 * @param {number} number
 */
function wrongness({ labels, scores }, { threshold }, number) {
  if (labels[number] !== 0 && labels[number] !== 1) return NaN;
  return labels[number] === 1 ? threshold - scores[number] : scores[number] - threshold;
}
