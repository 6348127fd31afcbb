// The four outcomes as a table of buttons, and the shares that follow from them.

import { button, cssName, element } from "../lib/dom.js";
import { grouped } from "../lib/numbers.js";
import { wilson } from "./counts.js";
/** @import { Choice } from "./tally.js" */

/** @typedef {"TP" | "FN" | "FP" | "TN"} Outcome */
/** @typedef {"recall" | "precision" | "false_positive_rate"} Share */

/** @type {[Outcome, colour: string, words: string, meaning: string][]} */
const CELLS = [
  ["TP", "hit", "true positive", "defective, predicted defective"],
  ["FN", "miss", "missed defect (FN)", "defective, predicted good"],
  ["FP", "false alarm", "false alarm (FP)", "good, predicted defective"],
  ["TN", "good", "true negative", "good, predicted good"],
];
/** @type {[Share, words: string][]} */
const SHARES = [
  ["recall", "recall"], ["precision", "precision"], ["false_positive_rate", "false positive rate"],
];

/**
 * @typedef {object} Counts of images
 * @property {number} hits
 * @property {number} alarms
 * @property {number} defective
 * @property {number} good
 * @property {number} doubtful to review
 */

export class Outcomes {
  root = element("div", "matrix");
  shares = element("div", "shares");
  review = element("div", "note");
  /** @type {Map<Outcome, { root: HTMLButtonElement, number: HTMLElement }>} */
  cells = new Map();
  /** @type {Map<Share, { root: HTMLElement, number: HTMLElement, range: HTMLElement }>} */
  parts = new Map();
  sides = { defective: element("span", "side", "actually defective"), good: element("span", "side", "actually good") };

  /** @param {(choice: Choice) => void} choose */
  constructor(choose) {
    this.root.append(element("span"), element("span", "column", "predicted defective"),
      element("span", "column", "predicted good"));
    for (const [name, colour, words] of CELLS) {
      if (name === "TP") this.root.append(this.sides.defective);
      if (name === "FP") this.root.append(this.sides.good);
      const number = element("b");
      const root = button(number, () => choose(["outcome", name]), { name: `cell ${cssName(colour)}` });
      root.append(element("span", "words", element("span", "mark"), element("span", "", words)));
      this.cells.set(name, { root, number });
      this.root.append(root);
    }
    for (const [name, words] of SHARES) {
      const [number, range] = [element("b"), element("span")];
      const root = element("span", "share", element("span", "", words), number, range);
      this.parts.set(name, { root, number, range });
      this.shares.append(root);
    }
  }

  /** @param {Record<string, string>} helps what each share means */
  explain(helps) {
    for (const [name, { root }] of this.parts) root.title = helps[name];
  }

  /** @param {string[]} chosen */
  mark(chosen) {
    for (const [name, { root }] of this.cells) root.setAttribute("aria-pressed", String(chosen.includes(name)));
  }

  /** @param {Counts} counts */
  show({ hits, alarms, defective, good, doubtful }) {
    const counts = { TP: hits, FN: defective - hits, FP: alarms, TN: good - alarms };
    const known = { TP: defective, FN: defective, FP: good, TN: good };
    for (const [name, , words, meaning] of CELLS) this.#showCell(name, counts[name], known[name], words, meaning);
    this.sides.defective.hidden = !defective;
    this.sides.good.hidden = !good;
    this.root.hidden = !defective && !good;
    this.#showShare("recall", hits, defective, defective > 0);
    this.#showShare("precision", hits, hits + alarms, defective > 0 && good > 0);
    this.#showShare("false_positive_rate", alarms, good, good > 0);
    this.review.hidden = !doubtful;
    this.review.textContent = `${grouped(doubtful)} to review: below the NG threshold, so counted as predicted good.`;
  }

  /**
   * @param {Outcome} name
   * @param {number} count
   * @param {number} known images of which it could be said
   * @param {string} words
   * @param {string} meaning
   */
  #showCell(name, count, known, words, meaning) {
    const cell = this.cells.get(name);
    if (!cell) return;
    cell.number.textContent = grouped(count);
    cell.root.classList.toggle("none", count === 0);
    cell.root.hidden = !known;
    cell.root.title = `${words}: ${meaning}`;
    cell.root.setAttribute("aria-label", `${grouped(count)} ${words}: ${meaning}`);
  }

  /**
   * @param {Share} name
   * @param {number} found
   * @param {number} total
   * @param {boolean} known
   */
  #showShare(name, found, total, known) {
    const part = this.parts.get(name);
    if (!part) return;
    const [low, high] = wilson(found, total);
    const places = high - low >= 0.02 ? 2 : 3;
    part.root.hidden = !known;
    part.number.textContent = total ? (found / total).toFixed(3) : "—";
    part.range.textContent = total ? `[${low.toFixed(places)}, ${high.toFixed(places)}]` : "";
    Object.assign(part.root.dataset, { found, total, low, high });
  }
}
