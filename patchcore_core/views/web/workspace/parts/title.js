// The image in one line: what the threshold makes of it, its name and score, likely causes, its verdict, and what is to
// be known of its files.

import { button, cssName, element } from "../../lib/dom.js";
import { digits } from "../../lib/numbers.js";
import { COLOURS, HAS, SHORT, TRAINING } from "../model/outcomes.js";
/** @import { Room } from "../room.js" */
/** @import { Store } from "../store.js" */

const NONE = "These filters leave no image.";

export class Title {
  #outcome = element("b", "outcome");
  #said = element("span", "said"); // one text, so that no part of it moves when another is longer
  #verdict = element("b", "judged");
  #before;
  #after;
  root;

  /** @param {Room} room */
  constructor(room) {
    const step = (/** @type {number} */ by) => () => room.show(room.store.neighbour(by));
    this.#before = button("‹", step(-1), { name: "step", title: "Key: P", label: "Previous image" });
    this.#after = button("›", step(1), { name: "step", title: "Key: N", label: "Next image" });
    const words = element("div", "words", this.#outcome, this.#said);
    words.setAttribute("role", "status");
    this.root = element("div", "title", this.#before, this.#after, words, element("div", "slot", this.#verdict));
  }

  /**
   * @param {Store} store
   * @param {string[]} notes on its files
   * @param {boolean} [redrawn] whether its mask is another one than the figures are of
   */
  show(store, notes, redrawn = false) {
    const number = store.current();
    this.#before.disabled = store.neighbour(-1) === undefined;
    this.#after.disabled = store.neighbour(1) === undefined;
    this.#outcome.classList.toggle("none", number < 0);
    this.#showVerdict(store, number);
    this.#say(number < 0 ? [NONE] : wordsOf(store, number, notes, redrawn));
    this.#outcome.textContent = "";
    if (number < 0) return;
    const outcome = store.model.outcomes[number];
    this.#outcome.textContent = outcome === "?" ? predicted(store, number) : SHORT[outcome];
    this.#outcome.style.setProperty("--mark", `var(--${cssName(COLOURS[outcome])})`);
  }

  /** @param {string[]} parts */
  #say(parts) {
    this.#said.textContent = parts.filter(Boolean).join(" · ");
    this.#said.title = parts.filter(Boolean).join("\n");
  }

  /**
   * @param {Store} store
   * @param {number} number
   */
  #showVerdict({ data, table, judged }, number) {
    const verdict = table.verdicts[number];
    const mark = data.parts.verdicts.find(({ value }) => value === verdict)?.key ?? "";
    this.#verdict.hidden = !verdict;
    this.#verdict.textContent = verdict && `${mark} ${data.words.verdicts[verdict] ?? verdict}`;
    this.#verdict.title = [judged[number]?.author, judged[number]?.note].filter(Boolean).join(": ");
  }

  /**
   * @param {Store} store
   * @param {string} why the image cannot be shown
   */
  fail(store, why) {
    this.show(store, [why]);
  }
}

/**
 * What the threshold makes of an image without a label.
 * @param {Store} store
 * @param {number} number
 */
function predicted({ table, model }, number) {
  const mark = /** @type {const} */ (["NG", "review", "OK"]).find((one) => HAS[one](table, model, number));
  return mark ? SHORT[mark] : "no prediction";
}

/**
 * What there is to be said of an image's label, or of a training image.
 * @param {Store} store
 * @param {number} number
 */
function standing({ table: { labels, odd, copies } }, number) {
  if (labels[number] === TRAINING) return [odd[number] ? "stands apart, left out of the thresholds" : "", copies[number]];
  return [labels[number] === -1 ? SHORT["?"] : ""];
}

/**
 * Name, score, overlap, what is to be known of the files, and causes.
 * @param {Store} store
 * @param {number} number
 * @param {string[]} notes
 * @param {boolean} redrawn
 */
function wordsOf(store, number, notes, redrawn) {
  const { data, table, model, thresholds, overlap, overlapBusy, which } = store;
  const [score, iou] = [table.scores[number], redrawn ? NaN : model.iou[number]];
  const about = overlap?.exact ? "" : "≈ ";
  const causes = data.words.causes.filter((_, bit) => model.causes[number] & (1 << bit)).map(([, words]) => words);
  return [`\u2068${table.names[number]}\u2069`,
    scoreWords(score, thresholds.image, which === "training"),
    ...standing(store, number), model.review[number] ? SHORT.review : "", Number.isNaN(iou) ? "" : `IoU ${about}${iou.toFixed(3)}${overlapBusy ? " …" : ""}`,
    notes.length ? `⚠ ${notes.join(" ")}` : "", causes.length ? `cause: ${causes.join(", ")}` : ""];
}

/**
 * @param {number} score
 * @param {number} threshold
 * @param {boolean} heldOut
 */
function scoreWords(score, threshold, heldOut) {
  if (Number.isNaN(score)) return "no score: the bank has too few rows of other photos";
  return `${heldOut ? "held-out score " : ""}${digits(score)}${comparedWords(score, threshold)}`;
}

/**
 * On which side of the threshold a score lies: one set by held-out scores lies just above the highest of them.
 * @param {number} score
 * @param {number} threshold
 */
function comparedWords(score, threshold) {
  if (Number.isNaN(threshold)) return "";
  if (score < threshold && digits(score) === digits(threshold)) return ", just below the threshold";
  return ` ${score >= threshold ? "≥" : "<"} ${digits(threshold)}`;
}
