// The run that is shown, and the others that can be opened, grouped by category; typing narrows them.

import { button, element } from "../lib/dom.js";
import { Menu } from "../lib/menu.js";
/** @import { Life } from "../lib/life.js" */

const FEW = 8; // runs that need no search

/** @typedef {{ id: string, label: string, category: string }} RunChoice */

export class RunMenu {
  #menu;
  #open;
  #list = element("div", "runs");
  #search = Object.assign(element("input", "field"), { type: "search", placeholder: "search runs" });
  #run = "";
  /** @type {RunChoice[]} */
  #runs = [];

  /**
   * @param {Life} life
   * @param {(id: string) => void} open
   */
  constructor(life, open) {
    this.#open = open;
    this.#menu = new Menu(life, { label: "Run", opened: () => this.#fill() });
    this.#menu.press.classList.add("run");
    this.#search.setAttribute("aria-label", "Search runs");
    this.#search.oninput = () => this.#fill();
    this.#search.onkeydown = (event) => {
      if (event.key !== "Escape") event.stopPropagation();
    };
    this.#menu.panel.append(this.#search, this.#list);
    this.root = this.#menu.root;
  }

  /**
   * @param {RunChoice} run
   * @param {RunChoice[]} runs
   */
  take({ id, label, category }, runs) {
    this.#run = id;
    this.#runs = runs;
    const words = label.startsWith(category) ? label : `${category} · ${label}`;
    this.#menu.press.textContent = words;
    this.#menu.press.title = words;
    this.#menu.press.setAttribute("aria-label", `Run: ${words}`);
    this.#search.hidden = runs.length <= FEW;
    if (this.#menu.isOpen) this.#fill();
  }

  #fill() {
    const words = this.#search.value.toLowerCase().split(/\s+/);
    const found = this.#runs.filter(({ label, category }) =>
      words.every((word) => `${category} ${label}`.toLowerCase().includes(word)));
    const categories = [...new Set(found.map(({ category }) => category))];
    this.#list.replaceChildren(...categories.flatMap((category) => [element("h4", "", category),
      ...found.filter((run) => run.category === category).map((run) => this.#row(run))]));
    if (!found.length) this.#list.append(element("p", "about", "No run has these words."));
  }

  /** @param {RunChoice} run */
  #row({ id, label }) {
    const made = button(element("bdi", "", label), () => {
      this.#menu.close();
      if (id !== this.#run) this.#open(id);
    }, { name: "option" });
    if (id === this.#run) made.setAttribute("aria-current", "true");
    return made;
  }
}
