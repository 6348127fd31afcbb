// A button that is also pressed by a key, wherever the focus is but in a field that takes text.

import { button, element } from "../lib/dom.js";
import { takesText, withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {{ label: string, shortcut: string, help: string }} Data
 * @typedef {{ pressed: true }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("key", (root, emit, life) => {
  let shortcut = "";
  const made = button("", () => emit("pressed", true));
  const cap = element("kbd");
  cap.setAttribute("aria-hidden", "true");
  root.append(made);
  life.listen(window, "keydown", (event) => {
    if (event.key !== shortcut || withModifier(event) || takesText(event)) return;
    event.preventDefault();
    emit("pressed", true);
  });
  return (data) => {
    shortcut = cap.textContent = data.shortcut;
    made.replaceChildren(data.label, " ", cap);
    made.title = data.help;
    made.setAttribute("aria-keyshortcuts", shortcut);
  };
});
