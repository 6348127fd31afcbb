// What Python is still to do. Entries stay until Python says that it has applied them, and the whole list is told as one
// state, so none is lost where messages are merged, dropped or cut short; each has a number, so none is applied twice.

/** @import { Entry, Outbox as Sent, Told } from "./data.js" */
/** @import { Timer } from "../lib/life.js" */

const AGAIN_MS = 3000; // after which what was not acknowledged is told again
const HEARD = 60; // more answers than Python keeps

export class Outbox {
  /** @type {Entry[]} */
  entries = [];
  /** @type {Map<string, string>} images of refused entries, and why */
  refused = new Map();
  /** The state of the verdicts that Python has told. */
  known = "";
  #id = [...crypto.getRandomValues(new Uint32Array(4))].join("-"); // randomUUID is not there without https
  #seq = 0;
  #looks = 0;
  /** @type {number[]} of the questions whose answers have come, the last ones */
  #heard = [];
  #run;
  #tell;
  #again;

  /**
   * @param {string} run to which the entries belong
   * @param {(outbox: Sent) => void} tell
   * @param {Timer} again
   */
  constructor(run, tell, again) {
    this.#run = run;
    this.#tell = tell;
    this.#again = again;
  }

  /**
   * Have Python do this.
   * @param {Omit<Entry, "seq">} entry
   */
  put(entry) {
    this.#seq += 1;
    if (entry.image) this.refused.delete(entry.image);
    if (entry.kind === "ask") this.entries = this.entries.filter((one) => one.kind !== "ask" || one.key !== entry.key);
    this.entries.push({ seq: this.#seq, ...entry });
    this.#send();
    return this.#seq;
  }

  /**
   * Python answers. Whether it knows this outbox.
   * @param {Told} told
   */
  take({ id, acked, refused, answers }) {
    if (id === "" && this.entries.length) this.#send(); // a new reader
    if (id !== this.#id) return false;
    const heard = Object.values(answers).map(({ seq }) => seq);
    this.#heard = [...new Set([...this.#heard, ...heard])].slice(-HEARD);
    for (const { seq, image = "" } of this.entries) {
      if (seq <= acked && seq in refused && image) this.refused.set(image, refused[seq]);
    }
    this.entries = this.entries.filter(({ seq }) => seq > acked);
    if (!this.entries.length) this.#again.stop();
    return true;
  }

  /** Have Python answer what it can by now. */
  look() {
    this.#looks += 1;
    this.#send();
  }

  #send() {
    this.#tell({ id: this.#id, run: this.#run, entries: structuredClone(this.entries), known: this.known,
      looks: this.#looks, heard: this.#heard });
    this.#again.set(AGAIN_MS, () => this.entries.length && this.#send());
  }
}
