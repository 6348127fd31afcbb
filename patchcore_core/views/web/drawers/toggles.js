// Buttons that open and close panels, and their keys. The same data as drawers.js; several of these may stand on a page,
// each with the panels that belong to its place.

import { button, element, holds } from "../lib/dom.js";
import { takesText, withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Data, Panel, Tells } from "./drawers.js" */

/** @type {Mount<Data, Tells>} */
export const mount = widget("toggles", (root, emit, life, first) => {
  let data = first;
  /** @type {Map<string, HTMLButtonElement>} */
  const known = new Map();
  const toggle = (/** @type {string} */ name) => {
    const others = data.open.filter((one) => one !== name);
    emit("open", others.length < data.open.length ? others : [...others, name]);
  };
  life.listen(window, "keydown", (event) => {
    const panel = event.repeat ? undefined : data.panels.find(({ key }) => key !== "" && key === event.key);
    if (!panel || withModifier(event) || takesText(event)) return;
    event.preventDefault();
    toggle(panel.name);
  });
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Panels");
  return (taken) => {
    data = taken;
    const shown = data.panels.map((panel) => {
      const made = known.get(panel.name) ?? button("", () => toggle(panel.name), { name: "button bare" });
      known.set(panel.name, made);
      label(made, panel, data.open.includes(panel.name));
      return made;
    });
    if (!holds(root, shown)) root.replaceChildren(...shown);
  };
});

/**
 * @param {HTMLButtonElement} made
 * @param {Panel} panel
 * @param {boolean} open
 */
function label(made, { title, key, help }, open) {
  const arrow = element("span", "arrow", open ? "▾" : "▸");
  arrow.setAttribute("aria-hidden", "true");
  made.replaceChildren(arrow, title);
  made.setAttribute("aria-expanded", String(open));
  made.title = [help, key && `Key: ${key.toUpperCase()}`].filter(Boolean).join(" ");
  if (key) made.setAttribute("aria-keyshortcuts", key);
}
