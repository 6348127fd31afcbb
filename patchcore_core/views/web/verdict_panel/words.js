// The fields beside the verdict: note, tags, and who gives it.

import { button, element } from "../lib/dom.js";
import { same } from "../lib/values.js";
/** @import { Draft } from "./drafts.js" */
/** @import { Data } from "./verdict_panel.js" */

const LONGEST = { note: 10_000, tag: 60, author: 200 }; // characters, as reviews/words.py
const MOST_TAGS = 20;
const NAME = "Your name, recorded with each verdict";

export class Words {
  #note = element("textarea", "field note");
  #chips = element("span", "chips");
  #tag = field("Add a tag", "tag", LONGEST.tag);
  #known = element("datalist");
  #author = field(NAME, "your name", LONGEST.author);
  #save;
  #keep;
  /** @type {string[]} */
  #tags = [];
  #image = "";

  /**
   * @param {(draft: Draft) => void} keep
   * @param {() => void} save
   * @param {(author: string) => void} name
   */
  constructor(keep, save, name) {
    this.#keep = () => {
      keep({ note: this.#note.value, tags: this.#tags });
      this.#save.disabled = this.#unjudged;
    };
    this.#save = button("Save note", save, { name: "button",
      title: "Note and tags are saved with each verdict. This saves them for the verdict that the image has. Ctrl+Enter" });
    Object.assign(this.#note, { rows: 1, placeholder: "note  C", maxLength: LONGEST.note });
    this.#note.setAttribute("aria-label", "Note");
    this.#note.oninput = this.#keep;
    this.#note.onkeydown = (event) => this.#onNoteKey(event);
    this.#known.id = "known-tags";
    this.#tag.setAttribute("list", this.#known.id);
    this.#tag.onkeydown = (event) => this.#onTagKey(event);
    this.#tag.onchange = () => this.#add();
    this.#author.onchange = () => name(this.#author.value.trim());
    this.#author.onkeydown = (event) => event.stopPropagation();
    this.root = element("div", "row words", this.#note, this.#chips, this.#tag, this.#known, this.#save,
      element("label", "by", "as", this.#author));
  }

  #unjudged = false;

  /**
   * Show what belongs to the image. What is being typed on this image stays.
   * @param {Data} data
   * @param {Draft} draft
   * @param {boolean} saved whether there is nothing to save, or nothing to save it with
   */
  take({ image, author, signed_in: signedIn = false, known_tags: known, history, locked }, draft, saved) {
    const arrived = image !== this.#image;
    this.#image = image;
    this.#unjudged = !history.at(-1)?.verdict || !author || locked !== "";
    if (this.#note.value !== draft.note && (arrived || !this.#note.matches(":focus"))) this.#note.value = draft.note;
    if (!same(draft.tags, this.#tags)) this.#showTags(draft.tags);
    if (arrived) this.#tag.value = "";
    const options = [...this.#known.options].map(({ value }) => value);
    if (!same(options, known)) this.#known.replaceChildren(...known.map((tag) => new Option(tag, tag)));
    if (!this.#author.matches(":focus")) this.#author.value = author;
    this.#author.classList.toggle("asked", !author);
    this.#author.readOnly = signedIn;
    this.#author.title = signedIn ? "The name that you have signed in with" : NAME;
    this.#save.disabled = saved;
    this.#note.disabled = this.#tag.disabled = !image;
  }

  focus() {
    this.#note.focus();
  }

  askAuthor() {
    this.#author.focus();
  }

  /** @param {KeyboardEvent} event */
  #onNoteKey(event) {
    event.stopPropagation(); // letters typed here are no shortcuts
    if (event.key === "Escape") this.#note.blur();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!this.#save.disabled) this.#save.click();
  }

  /** @param {KeyboardEvent} event */
  #onTagKey(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.#tag.blur();
    else if (event.key === "Backspace" && !this.#tag.value) this.#put(this.#tags.slice(0, -1));
    else if (event.key !== "Enter" && event.key !== ",") return;
    else {
      event.preventDefault();
      this.#add();
    }
  }

  #add() {
    const tags = this.#tag.value.split(",").map((one) => one.trim()).filter(Boolean);
    this.#tag.value = "";
    if (tags.length) this.#put([...new Set([...this.#tags, ...tags])].slice(0, MOST_TAGS));
  }

  /** @param {string[]} tags */
  #put(tags) {
    this.#showTags(tags);
    this.#keep();
  }

  /** @param {string[]} tags */
  #showTags(tags) {
    this.#tags = tags;
    this.#chips.replaceChildren(...tags.map((tag) => {
      const words = { name: "chip", title: "Take this tag away", label: `Take the tag ${tag} away` };
      const chip = button(element("bdi", "", tag), () => this.#put(this.#tags.filter((one) => one !== tag)), words);
      chip.append(" ✕");
      return chip;
    }));
  }
}

/**
 * @param {string} label
 * @param {string} placeholder
 * @param {number} longest
 */
function field(label, placeholder, longest) {
  const made = Object.assign(element("input", "field"), { type: "text", placeholder, maxLength: longest, title: label });
  made.setAttribute("aria-label", label);
  made.autocomplete = "off";
  return made;
}
