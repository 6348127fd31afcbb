// A training image has no stored map: a button computes it, and a link leads to what else can be asked of the photo.

import { button, element } from "../lib/dom.js";
/** @import { Store } from "./store.js" */

export const LOCKED = "Verdicts are for test images.";
const NO_MAP = "No anomaly map is stored for training images. Computed on request, without the rows of this photo and its " +
  "near-copies. Key: F";

export class HeldOut {
  root = element("div", "held-out");
  #map;
  #page = element("a", "tool", "Training photos");

  /** @param {() => void} turn shows the map, or puts it away */
  constructor(turn) {
    this.#map = button("Compute the map", turn, { name: "tool", title: NO_MAP });
    this.#page.title = "The patches that it differs by, and a fit without it";
    this.root.append(this.#map, this.#page);
  }

  /**
   * @param {Store} store
   * @param {boolean} wanted whether the map is
   */
  show(store, wanted) {
    const name = store.table.names[store.current()] ?? "";
    this.root.hidden = store.which !== "training";
    this.#map.setAttribute("aria-pressed", String(wanted));
    this.#page.href = `${store.data.training?.page ?? ""}&photo=${encodeURIComponent(name)}`;
  }
}
