// Panels that open over or beside the pictures, each with a scroll area of its own. Which are open is the caller's to
// keep; what stands in them too: another widget goes into each place.
//
//   const drawers = mount(root, { panels, open }, (name, value) => …);
//   drawerPlace(root, "curves").append(host of the curves);
//   drawers.update({ panels, open: ["curves"] });
//
// A place is there from the first `update` that names its panel, and stays while others come and go. The buttons that
// open them are a widget of their own, toggles.js.

import { button, element, focused, holds } from "../lib/dom.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {object} Panel
 * @property {string} name
 * @property {string} title
 * @property {string} key that opens and closes it, or ""
 * @property {string} help
 * @property {boolean} [stale] whether what it shows is being computed anew
 *
 * @typedef {{ panels: Panel[], open: string[] }} Data `open`: names, in any order; one that is no panel opens nothing
 * @typedef {{ open: string[] }} Tells those that are to be open now
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("drawers", (root, emit, life) => {
  /** @type {Map<string, Drawer>} */
  const known = new Map();
  /** @type {string[]} */
  let open = [];
  const close = (/** @type {string} */ name) => emit("open", open.filter((one) => one !== name));
  root.addEventListener("keydown", (event) => {
    const name = [...known].find(([, drawer]) => drawer.root.contains(focused(root)))?.[0];
    if (event.key !== "Escape" || event.defaultPrevented || name === undefined) return;
    event.stopPropagation();
    close(name);
  });
  life.atEnd(() => known.clear());
  return (data) => {
    open = data.open;
    for (const panel of data.panels) {
      const drawer = known.get(panel.name) ?? new Drawer(panel.name, () => close(panel.name));
      known.set(panel.name, drawer);
      drawer.take(panel, open.includes(panel.name));
    }
    const shown = data.panels.flatMap(({ name }) => known.get(name)?.root ?? []);
    if (!holds(root, shown)) root.replaceChildren(...shown);
    root.classList.toggle("shut", !data.panels.some(({ name }) => open.includes(name)));
  };
});

/**
 * Where the content of a panel belongs.
 * @param {HTMLElement} root
 * @param {string} name
 */
export function drawerPlace(root, name) {
  return /** @type {HTMLElement} */ (root.querySelector(`[data-panel="${CSS.escape(name)}"] > .place`));
}

class Drawer {
  #title = element("h3");
  #state = element("span", "about");
  root = element("section", "drawer");

  /**
   * @param {string} name
   * @param {() => void} close
   */
  constructor(name, close) {
    this.root.dataset.panel = name;
    this.close = button("✕", close, { name: "button bare" });
    this.#state.setAttribute("role", "status");
    this.root.append(element("div", "head", this.#title, this.#state, this.close), element("div", "place"));
  }

  /**
   * @param {Panel} panel
   * @param {boolean} open
   */
  take({ title, help, stale = false }, open) {
    this.root.hidden = !open;
    this.#title.textContent = title;
    this.#title.title = help;
    this.#state.textContent = open && stale ? "being computed …" : "";
    this.root.classList.toggle("stale", stale);
    this.root.setAttribute("aria-label", title);
    this.close.title = `Close ${title}. Key: Esc`;
    this.close.setAttribute("aria-label", `Close ${title}`);
  }
}
