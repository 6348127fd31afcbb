// The choice of a second run, whose map of the same photo is shown too.

import { element } from "../../lib/dom.js";
/** @import { Room } from "../room.js" */

const NONE = "no second run";

export class BesideChoice {
  root = element("select", "beside");
  #room;
  #drawn = "";

  /** @param {Room} room */
  constructor(room) {
    this.#room = room;
    this.root.setAttribute("aria-label", "Second run's map");
    this.root.title = "Show the anomaly map of a second run of this category too";
    this.root.onkeydown = (event) => event.stopPropagation(); // letters choose here
    this.root.onchange = () => this.#choose(this.root.value);
  }

  show() {
    const { store: { data: { besides }, state: { beside }, which }, answers } = this.#room;
    const strange = beside && !besides.some(({ id }) => id === beside);
    const all = [{ id: "", label: NONE }, ...besides, ...(strange ? [{ id: beside, label: beside }] : [])];
    const drawn = JSON.stringify(all);
    if (drawn !== this.#drawn) this.root.replaceChildren(...all.map(({ id, label }) => new Option(label, id)));
    this.#drawn = drawn;
    this.root.value = beside;
    this.root.hidden = all.length < 2 || which !== "test";
    this.root.title = answers.told("beside", [beside])?.error || "The anomaly map of a second run of this category";
  }

  /** @param {string} beside */
  #choose(beside) {
    const { store: { state }, change } = this.#room;
    change({ beside, named: { ...state.named, beside_threshold: "" },
      shown: { ...state.shown, panes: null, limits: state.shown.limits.slice(0, 1) } });
  }
}
