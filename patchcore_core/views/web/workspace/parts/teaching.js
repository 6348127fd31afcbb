// Teaching: which photos can be taught by what reviewers said of them, and the trials of this run. Python is asked again
// and again while it works on one.

import { digits } from "../../lib/numbers.js";
import { SHORT } from "../model/outcomes.js";
/** @import { Life } from "../../lib/life.js" */
/** @import { Data as Panel, Photo, Said, Tells } from "../../teaching/teaching.js" */
/** @import { Teaching as Known } from "../data.js" */
/** @import { Room } from "../room.js" */
/** @import { Given } from "./content.js" */

const [SOON_MS, LATER_MS] = [1000, 3000]; // until Python is asked again
const LOST = "The server was started anew before this was done. A trial that has begun stands below; else ask again.";
const ALONE = { FP: "agree", TP: "label_wrong" }; // outcome -> the verdict that calls such a photo good

export class Teaching {
  /** @type {Set<string> | null} ids that are ticked; null: the image that is shown */
  #ticked = null;
  #seq = 0; // of the last thing that was asked for
  #seen = false; // whether the panel was open when it was last drawn
  #began = false; // whether what was asked for was still to be done then
  #lost = false; // whether Python has begun anew since it took over what was asked for
  #timer;
  #room;

  /**
   * @param {Room} room
   * @param {Life} life
   */
  constructor(room, life) {
    this.#room = room;
    this.#timer = life.timer();
  }

  /** The run is another. */
  begin() {
    this.#ticked = null;
    this.#seq = 0;
    this.#seen = false;
    this.#began = false;
    this.#lost = false;
  }

  /** Python has begun anew: what it took over and has not answered it does not know of. */
  forgetAsked() {
    if (!this.#begins || this.#room.outbox.entries.some(({ seq }) => seq === this.#seq)) return;
    this.#seq = 0;
    this.#lost = true;
  }

  /** @returns {Known} */
  get #known() {
    const told = this.#room.answers.told("trials");
    return told?.value ?? this.#room.store.data.parts.teaching;
  }

  /** How many trials wait for somebody. */
  get waiting() {
    return this.#known.trials.length;
  }

  /** Whether the image that is shown is one that a reviewer could call good: a false alarm, or a wrong label. */
  get offered() {
    const { store } = this.#room;
    return mayBeGood(store, store.current());
  }

  /** @param {boolean} open whether the panel is seen */
  follow(open) {
    const begins = this.#begins;
    const works = begins || this.#known.trials.some(({ state }) => state === "working");
    const done = this.#began && !begins; // the trials that are known may be those of before
    if ((open && !this.#seen) || done) this.#ask();
    this.#seen = open;
    this.#began = begins;
    if (works || (open && this.waiting)) { // somebody else may keep or discard a trial
      this.#timer.set(open && works ? SOON_MS : LATER_MS, () => this.#ask());
    } else this.#timer.stop();
  }

  /** @returns {Given<Panel>} */
  get data() {
    const { trials, locked } = this.#known;
    const photos = this.#photos();
    const begins = this.#begins;
    const said = this.#said();
    return { busy: false, error: "", of: [trials, JSON.stringify(photos), locked, begins, said?.words],
      data: { photos, trials, locked, begins, said } };
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  hear(name, value) {
    const { store, show, draw } = this.#room;
    if (name === "shown") show(store.table.numbers.get(String(value)));
    else if (name === "chosen") this.#ticked = new Set(/** @type {string[]} */ (value));
    else if (name === "begun") {
      this.#put("teach", { numbers: this.#numbers(/** @type {string[]} */ (value)) });
      this.#ticked = null;
    } else this.#put(name === "kept" ? "teach_keep" : "teach_discard", { trial: value });
    draw();
  }

  /** Whether what was asked for is still to be done. */
  get #begins() {
    return this.#seq > (this.#room.answers.told("teach")?.seq ?? 0);
  }

  /**
   * @param {"teach" | "teach_keep" | "teach_discard"} kind
   * @param {Record<string, unknown>} what
   */
  #put(kind, what) {
    this.#seq = this.#room.outbox.put({ kind, key: "teach", with: what });
    this.#lost = false;
    this.#ask();
  }

  #ask() {
    this.#room.outbox.put({ kind: "ask", key: "trials" });
  }

  /** @param {string[]} ids */
  #numbers(ids) {
    return ids.map((id) => this.#room.store.table.numbers.get(id)).filter((number) => number !== undefined);
  }

  /** @returns {Photo[]} the image that is shown, then all others that reviewers call good */
  #photos() {
    const { store } = this.#room;
    const { count, names, scores, verdicts } = store.table;
    const now = store.current();
    const all = Array.from({ length: count }, (_, number) => number);
    const shown = [now, ...all.filter((number) => number !== now && isGood(store, number))];
    return shown.filter((number) => mayBeGood(store, number)).map((number) => ({
      id: names[number], name: names[number], why: this.#why(number),
      said: [digits(scores[number]), SHORT[store.model.outcomes[number]],
        store.data.words.verdicts[verdicts[number]] ?? ""].filter(Boolean).join(" · "),
      chosen: this.#ticked ? this.#ticked.has(names[number]) : number === now,
    }));
  }

  /** @param {number} number */
  #why(number) {
    const { store } = this.#room;
    const problem = store.data.images.problems[number];
    if (problem || isGood(store, number)) return problem ?? "";
    const needed = ALONE[/** @type {"FP" | "TP"} */ (store.model.outcomes[number])];
    const { key = "" } = store.data.parts.verdicts.find(({ value }) => value === needed) ?? {};
    return `first give the verdict “${store.data.words.verdicts[needed]}” (key ${key})`;
  }

  /** @returns {Said | null} */
  #said() {
    if (this.#lost) return { words: LOST, link: null };
    const answer = this.#room.answers.told("teach");
    if (!answer || answer.seq !== this.#seq) return null;
    if (!answer.value) return { words: answer.error, link: null };
    const { words, address } = answer.value;
    return words ? { words, link: address ? { words: "Open it", address } : null } : null;
  }
}

/**
 * Whether a reviewer could call the image good: one that is labelled good and predicted defective, or the reverse of its
 * label.
 * @param {Room["store"]} store
 * @param {number} number
 */
function mayBeGood({ model, table }, number) {
  const outcome = model.outcomes[number];
  return outcome === "FP" || (outcome === "TP" && table.verdicts[number] === ALONE.TP);
}

/**
 * Whether a reviewer has called it good.
 * @param {Room["store"]} store
 * @param {number} number
 */
function isGood({ model, table }, number) {
  return table.verdicts[number] === ALONE[/** @type {"FP" | "TP"} */ (model.outcomes[number])];
}
