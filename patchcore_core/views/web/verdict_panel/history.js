// All verdicts that an image was ever given, in a menu.

import { element } from "../lib/dom.js";
import { Menu } from "../lib/menu.js";
/** @import { Life } from "../lib/life.js" */
/** @import { Entry, Verdict } from "./verdict_panel.js" */

const MOST = 50; // entries

export class History {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Verdict[]} */
  #verdicts = [];
  #menu;

  /** @param {Life} life */
  constructor(life) {
    this.#menu = new Menu(life, { label: "History of the image's verdicts", opened: () => this.#fill() });
    this.#menu.press.classList.add("bare");
    this.root = this.#menu.root;
  }

  /**
   * @param {Entry[]} entries
   * @param {Verdict[]} verdicts
   */
  take(entries, verdicts) {
    this.#entries = entries;
    this.#verdicts = verdicts;
    this.#menu.press.textContent = `History ${entries.length}`;
    this.#menu.press.disabled = entries.length === 0;
    if (this.#menu.isOpen) this.#fill();
  }

  #fill() {
    const newest = this.#entries.slice(-MOST).reverse();
    const items = newest.map((entry) => this.#item(entry));
    const hidden = this.#entries.length - newest.length;
    const more = hidden ? [element("p", "about", `${hidden} older entries are in the exported file.`)] : [];
    this.#menu.panel.replaceChildren(element("ol", "history", ...items), ...more);
  }

  /** @param {Entry} entry */
  #item({ verdict, author, given_at: at, note, tags, state = "saved" }) {
    const words = this.#verdicts.find(({ value }) => value === verdict)?.label ?? "taken back";
    const when = at ? new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : "";
    const about = [author, when, state === "saved" ? "" : state === "saving" ? "being saved" : "not saved"];
    return element("li", "", element("b", "", words), " ", element("span", "about", about.filter(Boolean).join(" · ")),
      ...(note ? [element("div", "told", note)] : []),
      ...(tags.length ? [element("div", "about", tags.map((tag) => `#${tag}`).join(" "))] : []));
  }
}
