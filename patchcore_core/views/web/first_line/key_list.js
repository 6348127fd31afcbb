// All keys of the page in a dialog, opened by its button or by "?".

import { button, element } from "../lib/dom.js";
import { takesText, withModifier } from "../lib/keys.js";
/** @import { Life } from "../lib/life.js" */

/** @typedef {{ where: string, how: string, rows: { caps: string[], what: string }[] }[]} Keys `how` to get there */

export class KeyList {
  #dialog = element("dialog", "keys");
  #press = button("Keys", () => this.#show(), { name: "button", title: "All keys of this page. Key: ?" });
  root = element("span", "menu", this.#press, this.#dialog);
  /** @type {Keys} */
  #keys = [];

  /** @param {Life} life */
  constructor(life) {
    this.#press.setAttribute("aria-keyshortcuts", "?");
    this.#dialog.setAttribute("aria-label", "Keys of Review");
    this.#dialog.onclick = (event) => {
      if (event.target === this.#dialog) this.#dialog.close(); // beside it
    };
    life.listen(window, "keydown", (event) => {
      if (event.key !== "?" || withModifier(event) || takesText(event)) return;
      event.preventDefault();
      if (this.#dialog.open) this.#dialog.close();
      else this.#show();
    });
  }

  /** @param {Keys} keys */
  take(keys) {
    this.#keys = keys;
  }

  #show() {
    const close = button("Close", () => this.#dialog.close(), { name: "button close" });
    const groups = this.#keys.map(({ where, how, rows }) => element("section", "",
      element("h4", "", where, " ", element("span", "about", how)),
      element("dl", "", ...rows.flatMap(({ caps, what }) => [
        element("dt", "", ...caps.map((cap) => element("kbd", "", cap))), element("dd", "", what),
      ]))));
    this.#dialog.replaceChildren(element("div", "inside", close, element("div", "groups", ...groups)));
    this.#dialog.showModal();
  }
}
