// One trial: how far it is, then what it changes, and what is to become of it.

import { button, element } from "../lib/dom.js";
import { digits, grouped } from "../lib/numbers.js";
import { same } from "../lib/values.js";
/** @import { Emit } from "../lib/life.js" */
/** @import { Tells } from "./teaching.js" */

/**
 * @typedef {object} Change of a photo, by the thresholds in use of both runs
 * @property {string} id of the image, "" where it is none of this run
 * @property {string} name
 * @property {number | null} before image score
 * @property {number | null} after
 * @property {string} was outcome in words
 * @property {string} is
 *
 * @typedef {object} Changes
 * @property {[before: number, after: number]} rows of the memory bank
 * @property {[before: number | null, after: number | null]} threshold
 * @property {[before: string, after: string]} set_by how both thresholds were set
 * @property {[name: string, before: string, after: string][]} figures of both runs
 * @property {Change[]} taught
 * @property {Change[]} flips other images whose outcome is another
 * @property {number} others how many other images both have scored
 *
 * @typedef {object} TrialData
 * @property {string} id
 * @property {string[]} photos names
 * @property {"working" | "ready" | "ended"} state
 * @property {number} share of the present stage that is done
 * @property {string} words how far it is, or why it ended
 * @property {Changes | null} changes
 */

const FIRST = 20; // flips that are listed

export class Trial {
  root = element("section", "trial");
  #title = element("h4");
  #bar = element("progress");
  #words = element("p", "about");
  #changes = element("div", "changes");
  #keep;
  #discard;
  /** @type {Changes | null} */
  #drawn = null;

  /**
   * @param {string} id
   * @param {Emit<Tells>} emit
   */
  constructor(id, emit) {
    this.emit = emit;
    this.root.dataset.trial = id;
    this.#keep = button("Keep as a new run", () => emit("kept", id), { name: "button keep" });
    this.#discard = button("", () => emit("discarded", id), { name: "button discard" });
    this.#bar.max = 1;
    this.#bar.setAttribute("aria-label", "Progress of the trial");
    this.#words.setAttribute("role", "status");
    this.root.append(this.#title, this.#bar, this.#words, this.#changes,
      element("div", "acts", this.#keep, this.#discard));
  }

  /**
   * @param {TrialData} trial
   * @param {string} locked why nothing can be kept or removed here, or ""
   * @param {boolean} begins whether something that was asked for is still to be done; the next is asked for after it
   */
  take({ photos, state, share, words, changes }, locked, begins) {
    this.#title.textContent = `On trial: ${photos.length === 1 ? photos[0] : `${photos.length} photos`}`;
    this.#title.title = photos.join("\n");
    this.root.setAttribute("aria-label", this.#title.textContent);
    this.#bar.hidden = state !== "working";
    this.#bar.value = share;
    this.#words.hidden = !words;
    this.#words.textContent = words;
    this.#keep.hidden = state !== "ready";
    this.#keep.disabled = this.#discard.disabled = Boolean(locked) || begins;
    this.#discard.textContent = { working: "Cancel", ready: "Discard", ended: "Remove" }[state];
    if (!same(changes, this.#drawn)) this.#draw(changes);
  }

  /** @param {Changes | null} changes */
  #draw(changes) {
    this.#drawn = changes;
    if (!changes) {
      this.#changes.replaceChildren();
      return;
    }
    const { taught, flips, others } = changes;
    const some = flips.slice(0, FIRST);
    const verb = flips.length === 1 ? "changes its" : "change their";
    const end = flips.length ? ":" : ".";
    const words = `${flips.length} of the ${grouped(others)} other test images ${verb} outcome${end}`;
    const more = flips.length > FIRST ? [element("p", "about", `and ${flips.length - FIRST} more`)] : [];
    this.#changes.replaceChildren(figures(changes), this.#photos(taught), element("p", "", words),
      ...(some.length ? [this.#photos(some)] : []), ...more);
  }

  /** @param {Change[]} changes */
  #photos(changes) {
    const rows = changes.map(({ id, name, before, after, was, is }) => {
      const shown = id ? button(element("bdi", "", name), () => this.emit("shown", id), { name: "button bare name" })
        : element("bdi", "", name);
      return element("tr", "", element("th", "", shown), element("td", "", `${score(before)} → ${score(after)}`),
        element("td", "", was === is ? is : `${was} → ${is}`));
    });
    return table(["photo", "image score", "outcome"], rows);
  }
}

/** @param {Changes} changes */
function figures({ rows, threshold, set_by: by, figures: more }) {
  const [low, high] = threshold;
  const said = by[0] === by[1] ? by[0] : by.map((one) => one || "none").join(" → ");
  /** @type {string[][]} */
  const lines = [["memory bank rows", grouped(rows[0]), grouped(rows[1])],
    [`image threshold${said ? ` (${said})` : ""}`, score(low), score(high)], ...more];
  return table(["", "now", "then"], lines.map(([name, before, after]) => element("tr", "", element("th", "", name),
    element("td", "", before), element("td", "", after))));
}

/**
 * @param {string[]} heads
 * @param {HTMLTableRowElement[]} rows
 */
function table(heads, rows) {
  const names = heads.map((head) => Object.assign(element("th", "", head), { scope: "col" }));
  for (const row of rows) row.querySelector("th")?.setAttribute("scope", "row");
  return element("table", "", element("thead", "", element("tr", "", ...names)), element("tbody", "", ...rows));
}

/** @param {number | null} value */
const score = (value) => digits(value ?? NaN);
