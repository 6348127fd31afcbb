// Questions to Python, each asked once, and what it has answered. A question is put when nothing else is asked for a
// moment, so that whoever leafs through images asks about the one that stays.

/** @import { Timer } from "../lib/life.js" */
/** @import { Answer, Answers as Kinds } from "./data.js" */
/** @import { Outbox } from "./outbox.js" */

const REST_MS = 120;
const LOOK_MS = 120; // until Python is looked up for an answer that takes long
const SLOWER = 1.15; // times as long each time that it is not there yet
const LONGEST_LOOK_MS = 500;
const LOOKS = 500; // after which the page's own rhythm has to do
const KEPT = 200;

/**
 * @template V
 * @typedef {object} Found
 * @property {V | null} value of this question, else while it is busy of the last one of its kind
 * @property {string} key that the value belongs to
 * @property {boolean} busy whether the answer is still to come
 * @property {string} error why there is none, or ""
 */

export class Answers {
  /** @type {Map<string, Answer>} by key */
  #known = new Map();
  /** @type {Map<string, string>} name -> key of the value that was shown last */
  #shown = new Map();
  /** @type {Map<string, { key: string, with: Record<string, unknown> }>} by name: to be asked soon */
  #wanted = new Map();
  /** @type {Set<string>} keys that were asked and not answered yet */
  #asked = new Set();
  #outbox;
  #resting;
  #looking;
  #looks = 0; // since something was asked

  /**
   * @param {Outbox} outbox
   * @param {Timer} resting
   * @param {Timer} looking
   */
  constructor(outbox, resting, looking) {
    this.#outbox = outbox;
    this.#resting = resting;
    this.#looking = looking;
  }

  /**
   * The answer to this question, which is asked where it is not known.
   * @template {keyof Kinds} N
   * @param {N} name
   * @param {(string | number)[]} [about] what its key names
   * @param {Record<string, unknown>} [needs]
   * @param {boolean} [now] whether it is put at once
   * @returns {Found<Kinds[N]>}
   */
  of(name, about = [], needs = {}, now = false) {
    const key = [name, ...about].join(" ");
    const answer = this.#known.get(key);
    if (answer) {
      if (!answer.error) this.#shown.set(name, key);
      return { value: answer.error ? null : /** @type {Kinds[N]} */ (answer.value), key, busy: false, error: answer.error };
    }
    if (!this.#asked.has(key)) this.#want(name, key, needs, now);
    const last = this.#shown.get(name) ?? "";
    return { value: /** @type {Kinds[N] | null} */ (this.#known.get(last)?.value ?? null), key: last, busy: true, error: "" };
  }

  /**
   * What Python has answered last, without asking.
   * @template {keyof Kinds} N
   * @param {N} name
   * @param {(string | number)[]} [about] what its key names
   * @returns {{ seq: number, value: Kinds[N] | null, error: string } | undefined}
   */
  told(name, about = []) {
    const found = this.#known.get([name, ...about].join(" "));
    return found && { ...found, value: /** @type {Kinds[N] | null} */ (found.value) };
  }

  /** @param {Record<string, Answer>} answers */
  take(answers) {
    for (const [key, answer] of Object.entries(answers)) {
      if (this.#known.get(key)?.seq === answer.seq) continue; // the same again: what is shown stays
      this.#asked.delete(key);
      this.#known.delete(key);
      this.#known.set(key, answer);
    }
    const shown = new Set(this.#shown.values());
    for (const key of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      if (!shown.has(key)) this.#known.delete(key);
    }
    if (this.#asked.size && this.#looks < LOOKS) this.#looking.set(Math.min(LOOK_MS * SLOWER ** this.#looks, LONGEST_LOOK_MS), () => this.#look());
    else this.#looking.stop();
  }

  /** Python takes long for an answer, in a thread of its own: whether it is there by now. */
  #look() {
    this.#looks += 1;
    this.#outbox.look();
  }

  /** Python has begun anew: what it has not answered it does not know of. */
  forgetAsked() {
    this.#asked.clear();
  }

  /** What could not be answered may be asked again. */
  forgetErrors() {
    for (const [key, { error }] of this.#known) if (error) this.#known.delete(key);
  }

  /**
   * @param {string} name
   * @param {string} key
   * @param {Record<string, unknown>} needs
   * @param {boolean} now
   */
  #want(name, key, needs, now) {
    if (now) this.#put(key, needs);
    else if (this.#wanted.get(name)?.key !== key) {
      this.#wanted.set(name, { key, with: needs });
      this.#resting.set(REST_MS, () => this.#ask());
    }
  }

  #ask() {
    for (const { key, with: needs } of this.#wanted.values()) this.#put(key, needs);
    this.#wanted.clear();
  }

  /**
   * @param {string} key
   * @param {Record<string, unknown>} needs
   */
  #put(key, needs) {
    this.#looks = 0;
    this.#asked.add(key);
    this.#outbox.put({ kind: "ask", key, with: needs });
  }
}
