// The picture that is shown, and those that are wanted or likely next: what they are made of is fetched once and kept.

import { keptOf, partsOf } from "./content.js";
/** @import { ViewerPicture } from "./payload.js" */
/** @import { Content, Part } from "./content.js" */

export class Pictures {
  /** @type {Content | null} */
  shown = null;
  /** @type {ViewerPicture | null} */
  wanted = null;
  /** @type {ViewerPicture[]} likely to come next */
  ahead = [];
  /** @type {ViewerPicture | null} the one shown before: the way back is likely */
  #left = null;
  /** @type {Map<string, Promise<any>>} by the names of the parts */
  #parts = new Map();

  /**
   * Show this picture once all of it is there; the last one stays until then.
   * @param {ViewerPicture} picture
   * @returns {Promise<{ content: Content, before: ViewerPicture | null } | null>} what is shown now and what was shown
   *   before; null where another one was wanted meanwhile
   */
  async load(picture) {
    this.wanted = picture;
    let content;
    try {
      content = await this.#read(picture);
    } catch (error) {
      if (this.wanted !== picture) return null;
      throw error;
    }
    if (this.wanted !== picture) return null;
    const before = this.shown?.picture ?? null;
    if (before?.id !== picture.id) this.#left = before;
    this.shown = content;
    this.#forget();
    return { content, before };
  }

  /**
   * These are likely to be wanted next: they are fetched when `later` calls.
   * @param {ViewerPicture[]} pictures
   * @param {(act: () => void) => void} later
   * @param {() => void} done called when all are there, unless others became likelier or one cannot be had
   */
  lookAhead(pictures, later, done) {
    this.ahead = pictures;
    this.#left = null;
    later(async () => {
      if (this.ahead !== pictures) return;
      this.#forget();
      try {
        await Promise.all(pictures.map((picture) => this.#read(picture)));
        if (this.ahead === pictures) done();
      } catch {
        // fetched again when one of them is wanted
      }
    });
  }

  /** Nothing is needed any more. */
  close() {
    this.shown = this.wanted = this.#left = null;
    this.ahead = [];
    this.#forget();
  }

  /**
   * @param {ViewerPicture} picture
   * @returns {Promise<Content>}
   */
  async #read(picture) {
    const parts = partsOf(picture);
    const [photo, truth, layers] = await Promise.all([
      this.#part(parts.photo), parts.truth && this.#part(parts.truth), Promise.all(parts.layers.map((layer) =>
        Promise.all([this.#part(layer.values), layer.good && this.#part(layer.good),
          layer.least && this.#part(layer.least)]))),
    ]);
    return {
      picture, photo, truth, fields: layers.map(([field]) => field), good: layers.map(([, good]) => good),
      kept: layers.map(([field, , least]) => keptOf(field, least)),
    };
  }

  /**
   * @template T
   * @param {Part<T>} part
   * @returns {Promise<T>}
   */
  #part({ name, read }) {
    const known = this.#parts.get(name);
    if (known) return known;
    const content = read();
    content.catch(() => this.#parts.get(name) === content && this.#parts.delete(name)); // it may be asked for again
    this.#parts.set(name, content);
    return content;
  }

  /** Forget what is neither shown nor wanted nor likely; photos take much memory, so they are closed. */
  #forget() {
    const likely = [this.shown?.picture, this.wanted, this.#left, ...this.ahead];
    const kept = new Set(likely.flatMap((picture) => (picture ? namesOf(picture) : [])));
    for (const [name, content] of this.#parts) {
      if (kept.has(name)) continue;
      this.#parts.delete(name);
      content.then((made) => made[0]?.close?.(), () => {});
    }
  }
}

/** @param {ViewerPicture} picture */
function namesOf(picture) {
  const { photo, truth, layers } = partsOf(picture);
  return [photo, truth, ...layers.flatMap(({ values, good, least }) => [values, good, least])]
    .flatMap((part) => part?.name ?? []);
}
