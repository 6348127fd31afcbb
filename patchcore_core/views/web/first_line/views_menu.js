// A field that saves what is seen, and room for the list of what was saved.

import { button, element } from "../lib/dom.js";
import { Menu } from "../lib/menu.js";
/** @import { Emit, Life } from "../lib/life.js" */
/** @import { Data, Tells } from "./first_line.js" */

const LONGEST_NAME = 80; // characters of a saved view

export class ViewsMenu {
  #name = Object.assign(element("input", "field"), { type: "text", maxLength: LONGEST_NAME,
    placeholder: "name of this view" });
  #said = element("span");
  #undo;
  #form;
  root;

  /**
   * @param {Life} life
   * @param {Emit<Tells>} emit
   */
  constructor(life, emit) {
    const menu = new Menu(life, { label: "Saved views", opened: () => emit("views", true) });
    const form = this.#form = element("form", "save", this.#name, button("Save", () => form.requestSubmit(), { name: "button" }));
    const done = element("p", "about", this.#said);
    this.#undo = button("Undo", () => emit("view_undone", true), { name: "button bare" });
    done.setAttribute("role", "status");
    this.#name.setAttribute("aria-label", "Name of this view");
    this.#name.onkeydown = (event) => {
      if (event.key !== "Escape") event.stopPropagation();
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      if (this.#name.value.trim()) emit("view_saved", this.#name.value.trim());
      this.#name.value = "";
    };
    menu.press.textContent = "Views";
    menu.panel.append(form, element("div", "done", done, this.#undo), element("div", "views-place"));
    this.root = menu.root;
  }

  /**
   * @param {Data["view_done"]} done
   * @param {string} readOnly why no view can be saved, or ""
   */
  take(done, readOnly) {
    this.#form.hidden = readOnly !== "";
    this.#said.textContent = readOnly || (done?.said ?? "");
    this.#undo.hidden = !done?.undoable || readOnly !== "";
  }
}
