// Saved views as links of the page itself, and a button to take each away. A plain click goes there as the browser's
// Back and Forward do: Streamlit then takes everything from the address, what is bound to widgets too. Any other click
// is the browser's own.

import { button, element, focused } from "../lib/dom.js";
import { withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { go } from "../lib/navigate.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {{ name: string, query: string, author: string, saved_at: string, notes: string[] }} View `query`: the
 *   address after the question mark; `saved_at`: ISO
 * @typedef {{ groups: { title: string, views: View[] }[], read_only?: string }} Data `read_only`: why none can be
 *   deleted, or ""
 * @typedef {{ deleted: string }} Tells the name
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("views", (root, emit) => {
  let drawn = "";
  const remove = (/** @type {string} */ name) => emit("deleted", name);
  return ({ groups, read_only: readOnly = "" }) => {
    const now = JSON.stringify([groups, readOnly]);
    if (now === drawn) return; // the element under the mouse or the focus stays
    drawn = now;
    const place = [...root.querySelectorAll("li")].findIndex((one) => one.contains(focused(root)));
    root.replaceChildren(...groups.flatMap(({ title, views }) => [
      element("h4", "", title), list(title, views, readOnly ? null : remove),
    ]));
    const links = [...root.querySelectorAll("a")];
    if (place >= 0) links[Math.min(place, links.length - 1)]?.focus();
  };
});

/**
 * @param {string} title
 * @param {View[]} views
 * @param {((name: string) => void) | null} remove
 */
function list(title, views, remove) {
  const made = element("ul", "", ...views.map((view) => item(view, remove)));
  made.setAttribute("aria-label", title);
  return made;
}

/**
 * @param {View} view
 * @param {((name: string) => void) | null} remove
 */
function item({ name, query, author, saved_at, notes }, remove) {
  const link = Object.assign(element("a", "name", name), { dir: "auto", href: address(query), title: name });
  link.onclick = (event) => open(event, query);
  const words = { name: "remove", title: "Delete this view", label: `Delete the view ${name}` };
  const about = element("span", "about", element("bdi", "", author), ", ", time(saved_at),
    ...notes.map((note) => element("b", "note", note)));
  return element("li", "", link, remove ? button("✕", () => remove(name), words) : "", about);
}

/** @param {string} query */
function address(query) {
  const url = new URL(window.location.href);
  url.search = query;
  url.hash = "";
  return url.href;
}

/**
 * @param {MouseEvent} event
 * @param {string} query
 */
function open(event, query) {
  if (event.button !== 0 || event.shiftKey || withModifier(event)) return;
  event.preventDefault();
  go(query);
}

/** @param {string} iso */
function time(iso) {
  const words = new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return Object.assign(element("time", "", words), { dateTime: iso });
}
