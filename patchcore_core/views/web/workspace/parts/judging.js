// Verdicts: those that Python knows of, those on their way, and the one that is given or taken back now.

import { mount } from "../../verdict_panel/verdict_panel.js";
import { Child } from "../../lib/child.js";
/** @import { Life } from "../../lib/life.js" */
/** @import { Data as PanelData, Entry as Shown, Tells } from "../../verdict_panel/verdict_panel.js" */
/** @import { Judgement, Told } from "../data.js" */
/** @import { Room } from "../room.js" */

const STORED = ["verdict", "note", "undo"]; // entries that are saved only once Python has stored them

export class Judging {
  child;
  author = "";
  #goesOn = true;
  #signedIn = false;
  /** @type {string[]} */
  #tags = [];
  /** @type {Record<number, Judgement>} */
  #told = {};
  /** @type {{ number: number, before: Judgement | undefined }[]} verdicts that can be taken back */
  #given = [];
  #acts;
  #room;

  /**
   * @param {string} css
   * @param {{ teach: () => void }} acts
   * @param {Room} room
   * @param {Life} life
   */
  constructor(css, acts, room, life) {
    this.#acts = acts;
    this.#room = room;
    this.child = new Child("verdicts", mount, css, (name, value) => this.#hear(name, value), life);
  }

  /** The run is another. */
  begin() {
    this.#told = {};
    this.#given = [];
  }

  /** @param {Told} told */
  take({ state, since, judged, author, signed_in: signedIn, tags }) {
    const all = Object.entries({ ...(since ? this.#told : {}), ...judged }).filter(([, one]) => one !== null);
    this.#told = Object.fromEntries(/** @type {[string, Judgement][]} */ (all));
    this.#room.outbox.known = state;
    this.author = author || this.author;
    this.#signedIn = signedIn;
    this.#tags = tags;
    this.judge();
  }

  /** What reviewers said, as the store has it from now on. */
  judge() {
    const { store, outbox } = this.#room;
    store.judge(this.#told, outbox.entries);
  }

  /**
   * @param {string} locked why the image takes no verdict, or ""
   * @param {boolean} teachable whether the image can be taught as good
   */
  show(locked, teachable) {
    const { store, outbox } = this.#room;
    const image = store.table.names[store.current()] ?? "";
    const last = store.judgementOf(store.current());
    this.child.show({
      image, history: this.#history(image, last), author: this.author, signed_in: this.#signedIn, known_tags: this.#tags,
      goes_on: this.#goesOn,
      undoable: store.which === "test" && !store.data.parts.read_only && (this.#given.length > 0 || Boolean(last?.verdict)),
      locked,
      unsaved: outbox.entries.filter(({ kind }) => STORED.includes(kind)).length, verdicts: store.data.parts.verdicts,
      teachable,
    });
  }

  /**
   * @param {string} image
   * @param {Judgement | undefined} last
   * @returns {PanelData["history"]}
   */
  #history(image, last) {
    const { store, outbox, answers } = this.#room;
    const [number, refused] = [store.current(), outbox.refused.get(image)];
    const asked = last?.given_at ? answers.of("history", [number, last.given_at], { number }) : null;
    /** @type {Shown[]} */
    const told = asked && !asked.busy ? asked.value ?? [] : [];
    const history = last ? [...told.filter(({ given_at: at }) => at !== last.given_at),
      { ...last, state: last.given_at ? "saved" : "saving" }] : told;
    const failed = last ?? { verdict: "", author: this.author, given_at: "", note: "", tags: [] };
    return /** @type {Shown[]} */ (refused ? [...history, { ...failed, state: "refused", why: refused }] : history);
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  #hear(name, value) {
    const { outbox, draw } = this.#room;
    if (name === "author") {
      this.author = String(value);
      outbox.put({ kind: "author", author: this.author });
    } else if (name === "teach") this.#acts.teach();
    else if (name === "goes_on") this.#goesOn = Boolean(value);
    else if (name === "undone") this.#undo();
    else if (name === "noted") {
      outbox.put({ kind: "note", .../** @type {Tells["noted"]} */ (value), author: this.author });
    } else this.#give(/** @type {Tells["judged"]} */ (value));
    this.judge();
    draw();
  }

  /** @param {Tells["judged"]} given */
  #give(given) {
    const { store, outbox } = this.#room;
    const number = store.table.numbers.get(given.image) ?? -1;
    const next = store.neighbour(1);
    this.#given.push({ number, before: store.judged[number] });
    outbox.put({ kind: "verdict", ...given, author: this.author });
    store.show(this.#goesOn && next !== undefined ? next : number); // the same one may be filtered out now
  }

  /** The last verdict given here, else that of the image that is shown, is taken back. */
  #undo() {
    const { store, outbox } = this.#room;
    const last = this.#given.pop() ?? { number: store.current(), before: undefined };
    if (!store.judged[last.number]) return;
    const { verdict = "", note = "", tags = [] } = last.before ?? {};
    outbox.put({ kind: "undo", image: store.table.names[last.number], verdict, note, tags, author: this.author });
    store.show(last.number);
  }
}
