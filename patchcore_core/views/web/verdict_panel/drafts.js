// Note and tags as they are being typed, per image, beside what is stored.

/** @import { Entry } from "./verdict_panel.js" */

/** @typedef {{ note: string, tags: string[] }} Draft */

/** @type {Draft} */
const EMPTY = { note: "", tags: [] };

export class Drafts {
  /** @type {Map<string, Draft>} what differs from the stored, by image */
  #typed = new Map();

  /** @type {Map<string, Draft>} */
  #stored = new Map();

  /**
   * This is what the image's last entry holds. What was typed and is stored now is no draft any more.
   * @param {string} image
   * @param {Entry | undefined} entry
   */
  stored(image, entry) {
    if (entry?.state === "refused") return;
    this.#stored.set(image, entry ? { note: entry.note, tags: entry.tags } : EMPTY);
    if (!this.differs(image)) this.#typed.delete(image);
  }

  /**
   * @param {string} image
   * @param {Draft} draft
   */
  keep(image, draft) {
    this.#typed.set(image, draft);
  }

  /**
   * As on the screen.
   * @param {string} image
   * @returns {Draft}
   */
  of(image) {
    return this.#typed.get(image) ?? this.#stored.get(image) ?? EMPTY;
  }

  /** @param {string} image */
  differs(image) {
    const [typed, stored] = [this.#typed.get(image), this.#stored.get(image) ?? EMPTY];
    return typed !== undefined && (typed.note.trim() !== stored.note || String(typed.tags) !== String(stored.tags));
  }
}
