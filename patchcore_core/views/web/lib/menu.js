// A button that opens a panel over the page, at the button's edge; Escape, or a press elsewhere, closes it.

import { button, element, focused } from "./dom.js";
/** @import { Life } from "./life.js" */

const APART = 3; // pixels between button and panel
const EDGE = 8; // pixels of the window that stay free

/** The look: controls.css beside this file. */
export class Menu {
  press = button("", () => {}, { name: "button opens" });
  panel = element("div", "panel");
  root = element("span", "menu", this.press, this.panel);

  /**
   * @param {Life} life
   * @param {{ label: string, opened?: () => void }} words the panel's accessible name; called when it opens
   */
  constructor(life, { label, opened = () => {} }) {
    const { press, panel } = this;
    panel.popover = "auto";
    panel.setAttribute("role", "group");
    panel.setAttribute("aria-label", label);
    press.popoverTargetElement = panel;
    panel.addEventListener("beforetoggle", ({ newState }) => {
      if (newState !== "open") {
        if (panel.contains(focused(panel))) press.focus();
        return;
      }
      opened();
      this.#place();
    });
    life.listen(window, "resize", () => this.close());
  }

  get isOpen() {
    return this.panel.matches(":popover-open");
  }

  close() {
    if (this.isOpen) this.panel.hidePopover();
  }

  /** Towards the middle of the window, which has more room. */
  #place() {
    const { left, right, top, bottom } = this.press.getBoundingClientRect();
    const { innerWidth: wide, innerHeight: high } = window;
    const [fromRight, fromBottom] = [left + right > wide, top + bottom > high];
    const room = (fromBottom ? top : high - bottom) - APART - EDGE;
    Object.assign(this.panel.style, {
      left: fromRight ? "auto" : `${Math.max(left, EDGE)}px`,
      right: fromRight ? `${Math.max(wide - right, EDGE)}px` : "auto",
      top: fromBottom ? "auto" : `${bottom + APART}px`,
      bottom: fromBottom ? `${high - top + APART}px` : "auto",
      maxHeight: `${room}px`,
    });
  }
}
