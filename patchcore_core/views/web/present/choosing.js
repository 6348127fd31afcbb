// Choosing the examples: those chosen, in their order, and the images that can be added.

import { button, element } from "../lib/dom.js";
/** @import { Candidate } from "./data.js" */
/** @import { Pictures } from "./pictures.js" */

const LISTED = 60; // candidates that are shown at a time

export class Choosing {
  root = element("div", "choosing");
  /** @type {Candidate[]} */
  #candidates = [];
  /** @type {string[]} */
  #chosen = [];
  #tell;
  #pictures;
  #list = element("ol", "chosen");
  #found = element("div", "found");
  #search = Object.assign(element("input", "search"), { type: "search", placeholder: "Search by name or result" });

  /**
   * @param {(chosen: string[]) => void} tell
   * @param {Pictures} pictures
   */
  constructor(tell, pictures) {
    this.#tell = tell;
    this.#pictures = pictures;
    this.root.hidden = true;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Examples");
    this.#search.setAttribute("aria-label", "Search images");
    this.#search.oninput = () => this.#drawFound();
    this.#search.onkeydown = (event) => event.stopPropagation();
    this.root.append(element("h3", "", "Examples, in their order"), this.#list, element("h3", "", "Add"), this.#search,
      this.#found);
  }

  /**
   * @param {Candidate[]} candidates
   * @param {string[]} chosen
   */
  take(candidates, chosen) {
    this.#candidates = candidates;
    this.#chosen = [...chosen];
    this.#draw();
  }

  #draw() {
    const known = new Map(this.#candidates.map((one) => [one.id, one]));
    const last = this.#chosen.length - 1;
    this.#list.replaceChildren(...this.#chosen.map((id, place) => {
      const move = (/** @type {number} */ by) => this.#change(swapped(this.#chosen, place, place + by));
      const [up, down] = [button("↑", () => move(-1), { label: `${id}: earlier` }),
        button("↓", () => move(1), { label: `${id}: later` })];
      const away = button("✕", () => this.#change(this.#chosen.filter((one) => one !== id)), { label: `${id}: remove` });
      up.disabled = place === 0;
      down.disabled = place === last;
      away.disabled = last === 0; // without any the best and the worst would come back
      return element("li", "", ...this.#seen(known.get(id) ?? { id, words: "", thumbnail: "" }), up, down, away);
    }));
    this.#drawFound();
  }

  #drawFound() {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = this.#candidates.filter(({ id, words: said }) =>
      !this.#chosen.includes(id) && words.every((word) => `${id} ${said}`.toLowerCase().includes(word)));
    const more = fitting.length - LISTED;
    this.#found.replaceChildren(
      ...fitting.slice(0, LISTED).map((one) => button(element("span", "", ...this.#seen(one)),
        () => this.#change([...this.#chosen, one.id]), { name: "candidate", label: `Add ${one.id}` })),
      ...(more > 0 ? [element("p", "", `${more} more: search for them.`)] : []),
    );
  }

  /** @param {string[]} chosen */
  #change(chosen) {
    this.#chosen = chosen;
    this.#draw();
    this.#tell(chosen);
  }

  /**
   * @param {Candidate} candidate
   * @returns {HTMLElement[]}
   */
  #seen({ id, words, thumbnail }) {
    const text = element("span", "named", element("span", "", id), element("small", "", words));
    if (!thumbnail) return [text];
    const image = Object.assign(element("img"), { alt: "" });
    this.#pictures.fill(image, thumbnail);
    return [image, text];
  }
}

/**
 * @param {string[]} list
 * @param {number} one
 * @param {number} other
 */
function swapped(list, one, other) {
  const made = [...list];
  [made[one], made[other]] = [made[other], made[one]];
  return made;
}
