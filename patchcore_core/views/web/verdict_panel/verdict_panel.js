// The verdict on the image that is shown: given by button or by its key, with note and tags, and taken back. What is
// pressed is told at once and belongs to the image of the last `update`; whoever mounts the panel answers with the next
// image, in the same moment if he likes, so keys at any speed reach the image that is seen. Keys belong to the panel:
// those of the verdicts, U (undo) and C (to the note).
//
//   const panel = mount(root, data, (name, value) => …);
//   panel.update({ ...data, image, entry: { …, state: "saving" } });
//
// It keeps what is being typed, per image, until it is told.

import { button, element } from "../lib/dom.js";
import { takesText, withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { Drafts } from "./drafts.js";
import { History } from "./history.js";
import { Words } from "./words.js";
/** @import { Emit, Life, Mount } from "../lib/life.js" */
/** @import { Draft } from "./drafts.js" */

/**
 * @typedef {object} Entry
 * @property {string} verdict one of `verdicts`, or "" for taken back
 * @property {string} author
 * @property {string} given_at ISO, or "" while it is being saved
 * @property {string} note
 * @property {string[]} tags
 * @property {"saved" | "saving" | "refused"} [state] saved where it is not named
 * @property {string} [why] it was refused, a sentence
 *
 * @typedef {{ value: string, label: string, key: string, help: string }} Verdict `value` as it is stored
 *
 * @typedef {object} Data
 * @property {string} image its id; "" where none is shown
 * @property {Verdict[]} verdicts
 * @property {Entry[]} history of the image, the newest last
 * @property {string} author whose verdicts are given; "": asked for first
 * @property {boolean} [signed_in] whether that is who has signed in, so that no other name can be typed
 * @property {string[]} known_tags to choose from
 * @property {boolean} goes_on whether the next image comes after a verdict
 * @property {string} locked why the image takes no verdict, a sentence; "" where it does
 * @property {number} unsaved verdicts, notes and undos that Python has not stored yet
 * @property {boolean} [teachable] whether the image is one that can be taught as good
 * @property {boolean} undoable whether U has anything to take back, on this image or the one before
 *
 * @typedef {object} Tells
 * @property {{ image: string, verdict: string } & Draft} judged
 * @property {{ image: string } & Draft} noted note and tags for the verdict that the image has
 * @property {{ image: string }} undone the last verdict is to be taken back; `image` is shown
 * @property {string} author
 * @property {boolean} goes_on
 * @property {true} teach the image is to be taught as good
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("verdict-panel", (root, emit, life, first) => {
  const panel = new VerdictPanel(root, emit, life, first);
  life.listen(window, "keydown", (event) => panel.onKey(event));
  return (data) => panel.take(data);
});

class VerdictPanel {
  #drafts = new Drafts();
  #standing = element("span", "standing");
  #verdicts = element("div", "verdicts");
  /** @type {Map<string, HTMLButtonElement>} by value */
  #buttons = new Map();

  /**
   * @param {HTMLElement} root
   * @param {Emit<Tells>} emit
   * @param {Life} life
   * @param {Data} data
   */
  constructor(root, emit, life, data) {
    this.data = data;
    this.emit = emit;
    this.words = new Words((draft) => this.#drafts.keep(this.data.image, draft), () => this.#note(),
      (author) => emit("author", author));
    this.history = new History(life);
    this.undo = button("Undo", () => this.#undo(), { name: "button bare", title: "Take the last verdict back. Key: U" });
    this.teach = button("Teach as good …", () => emit("teach", true), { name: "button teach",
      title: "A good photo that is predicted defective can be added to the memory bank. What changes is shown first." });
    this.goesOn = element("input");
    this.goesOn.type = "checkbox";
    this.goesOn.onchange = () => emit("goes_on", this.goesOn.checked);
    this.#verdicts.setAttribute("role", "group");
    this.#verdicts.setAttribute("aria-label", "Verdict");
    this.#standing.setAttribute("role", "status");
    const next = element("label", "next", this.goesOn, "then next image");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Verdict on the image");
    root.append(element("div", "row", this.#verdicts, this.undo, next, this.#standing, this.history.root),
      this.words.root);
    this.words.root.append(this.teach);
  }

  /** @param {Data} data */
  take(data) {
    this.data = data;
    const entry = data.history.at(-1);
    const blocked = !data.image || data.locked !== "" || !data.author;
    this.#fillVerdicts(data.verdicts, entry?.verdict, blocked);
    this.undo.disabled = !data.undoable || !data.author;
    this.teach.classList.toggle("absent", !data.teachable); // its place stays, so that nothing moves
    this.goesOn.checked = data.goes_on;
    this.#standing.textContent = this.#said(entry);
    this.#standing.classList.toggle("refused", entry?.state === "refused");
    this.#standing.title = entry ? [entry.note, entry.tags.join(", ")].filter(Boolean).join("\n") : "";
    this.history.take(data.history, data.verdicts);
    this.#drafts.stored(data.image, entry);
    this.words.take(data, this.#drafts.of(data.image), blocked || !entry?.verdict || !this.#drafts.differs(data.image));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.repeat || withModifier(event) || takesText(event)) return;
    const verdict = this.data.verdicts.find(({ key }) => key === event.key)?.value;
    if (verdict !== undefined) this.#judge(verdict);
    else if (event.key === "u") this.#undo();
    else if (event.key === "c" && this.data.image) this.words.focus();
    else return;
    event.preventDefault();
  }

  /** @param {string} verdict */
  #judge(verdict) {
    const { image, locked, author } = this.data;
    if (!image || locked) return;
    if (!author) this.words.askAuthor();
    else this.emit("judged", { image, verdict, ...this.#drafts.of(image) });
  }

  #note() {
    const { image } = this.data;
    if (this.#drafts.differs(image)) this.emit("noted", { image, ...this.#drafts.of(image) });
  }

  #undo() {
    if (!this.undo.disabled) this.emit("undone", { image: this.data.image });
  }

  /**
   * @param {Verdict[]} verdicts
   * @param {string | undefined} given
   * @param {boolean} blocked
   */
  #fillVerdicts(verdicts, given, blocked) {
    for (const { value, label, key, help } of verdicts) {
      const made = this.#buttons.get(value) ?? this.#newButton(value, label, key);
      made.title = `${help} Key: ${key}`.trim();
      made.disabled = blocked;
      made.setAttribute("aria-pressed", String(given === value));
    }
  }

  /**
   * @param {string} value
   * @param {string} label
   * @param {string} key
   */
  #newButton(value, label, key) {
    const made = button(element("kbd", "", key), () => this.#judge(value), { name: "button verdict" });
    made.append(label);
    made.setAttribute("aria-label", label);
    made.setAttribute("aria-keyshortcuts", key);
    made.dataset.verdict = value;
    this.#buttons.set(value, made);
    this.#verdicts.append(made);
    return made;
  }

  /** @param {Entry | undefined} entry */
  #said(entry) {
    const { image, locked, author, unsaved } = this.data;
    if (!image) return "No image is shown.";
    if (entry?.state === "refused") return `Not saved: ${entry.why ?? "the store refused it"}`;
    if (locked) return locked;
    if (!author) return "Verdicts need a name.";
    if (unsaved) return `saving ${unsaved} …`;
    if (!entry?.verdict) return "no verdict yet";
    return `saved · ${entry.author}`;
  }
}
