// The image in one line: what the threshold makes of it, its name and score, likely causes, its verdict, and what is to
// be known of its files.

import { button, cssName, element } from "../../lib/dom.js";
import { digits } from "../../lib/numbers.js";
import { COLOURS, REVIEW, SHORT } from "../model/outcomes.js";
/** @import { Room } from "../room.js" */
/** @import { Store } from "../store.js" */

const NONE = "These filters leave no image.";

export class Title {
  #outcome = element("b", "outcome");
  #name = element("bdi", "name");
  #said = element("span", "said");
  #verdict = element("b", "judged");
  #notes = element("span", "notes");
  #buttons;
  root;

  /** @param {Room} room */
  constructor(room) {
    const step = (/** @type {number} */ by) => () => room.show(room.store.neighbour(by));
    this.#buttons = { "-1": button("‹", step(-1), { name: "step", title: "Key: P", label: "Previous image" }),
      1: button("›", step(1), { name: "step", title: "Key: N", label: "Next image" }) };
    const words = element("div", "words", this.#outcome, this.#name, this.#said, this.#verdict, this.#notes);
    words.setAttribute("role", "status");
    this.root = element("div", "title", ...Object.values(this.#buttons), words);
  }

  /**
   * @param {Store} store
   * @param {string[]} notes on its files
   */
  show(store, notes) {
    const number = store.current();
    for (const [by, one] of Object.entries(this.#buttons)) one.disabled = store.neighbour(Number(by)) === undefined;
    this.#name.textContent = number < 0 ? NONE : store.table.names[number];
    for (const part of [this.#outcome, this.#said, this.#verdict, this.#notes]) part.hidden = number < 0;
    if (number < 0) return;
    const outcome = store.model.outcomes[number];
    this.#outcome.textContent = SHORT[outcome] + (store.model.review[number] ? ` · ${SHORT[REVIEW]}` : "");
    this.#outcome.style.setProperty("--mark", `var(--${cssName(COLOURS[outcome])})`);
    this.#said.textContent = scoreOf(store, number);
    this.#said.title = this.#said.textContent;
    this.#showVerdict(store, number);
    this.#notes.textContent = notes.length ? `⚠ ${notes.join(" ")}` : "";
    this.#notes.title = notes.join("\n");
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

  /** @param {string} words why the image cannot be shown */
  fail(words) {
    this.#notes.hidden = false;
    this.#notes.textContent = `⚠ ${words}`;
    this.#notes.title = words;
  }
}

/**
 * Score, overlap and causes.
 * @param {Store} store
 * @param {number} number
 */
function scoreOf({ data, table, model, thresholds, overlapBusy }, number) {
  const [score, iou] = [table.scores[number], model.iou[number]];
  const sign = score >= thresholds.image ? "≥" : "<";
  const causes = data.words.causes.filter((_, bit) => model.causes[number] & (1 << bit)).map(([, words]) => words);
  return [Number.isNaN(thresholds.image) ? digits(score) : `${digits(score)} ${sign} ${digits(thresholds.image)}`,
    Number.isNaN(iou) ? "" : `IoU ${iou.toFixed(3)}${overlapBusy ? " …" : ""}`,
    causes.length ? `cause: ${causes.join(", ")}` : ""].filter(Boolean).join(" · ");
}
