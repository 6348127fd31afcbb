// What can be taken away, and what has become of it.

import { button, element } from "../lib/dom.js";
import { Menu } from "../lib/menu.js";
/** @import { Life } from "../lib/life.js" */

/**
 * @typedef {"csv" | "zip" | "verdicts"} Form
 *
 * @typedef {object} Exported
 * @property {number} listed images that the first two are of
 * @property {boolean} pictures whether they have any: none are stored of training images
 * @property {string} said what goes on or went wrong, a sentence, or ""
 * @property {{ name: string, href: string } | null} file that is ready
 */

/** @type {[Form, string, string][]} */
const FORMS = [
  ["csv", "listed images as CSV", "Score, outcome, threshold, run, verdict, defect type and path of each image listed"],
  ["zip", "pictures of the listed images", "Photo, anomaly map and predicted segmentation of each, in a ZIP file"],
  ["verdicts", "all verdicts as CSV", "All verdicts in this store with their history"],
];

export class ExportMenu {
  #menu;
  #rows;
  #said = element("p", "about");
  #file = element("a", "file");

  /**
   * @param {Life} life
   * @param {(form: Form) => void} ask
   */
  constructor(life, ask) {
    this.#menu = new Menu(life, { label: "Export" });
    this.#menu.press.textContent = "Export";
    this.#rows = FORMS.map(([form, , title]) => button("", () => ask(form), { name: "option", title }));
    this.#said.setAttribute("role", "status");
    this.#menu.panel.append(...this.#rows, this.#said, this.#file);
    this.root = this.#menu.root;
  }

  /** @param {Exported} exported */
  take({ listed, pictures, said, file }) {
    FORMS.forEach(([form, words], place) => {
      this.#rows[place].textContent = form === "verdicts" ? words : `${words} (${listed})`;
      this.#rows[place].hidden = form === "zip" && !pictures;
      this.#rows[place].disabled = form !== "verdicts" && listed === 0;
    });
    this.#said.textContent = said;
    this.#file.hidden = !file;
    if (file) Object.assign(this.#file, { href: file.href, download: file.name, textContent: `Download ${file.name}` });
  }
}
