// The image that is shown: its title, the viewer, which panes there are and how they stand, and the second run's map.

import { element } from "../../lib/dom.js";
import { say } from "../../lib/events.js";
import { mount } from "../../viewer/viewer.js";
import { Child } from "../../lib/child.js";
import { remember } from "../memory.js";
import { FLAGS } from "../model/address.js";
import { VIEWER } from "../names.js";
import { Abouts } from "./about.js";
import { BesideChoice } from "./beside.js";
import { columnsFor } from "./fit.js";
import { FILLS } from "./fills.js";
import { Title } from "./title.js";
import { panesOf, viewData, viewFrom } from "./view.js";
/** @import { Life } from "../../lib/life.js" */
/** @import { Tells, ViewerPicture } from "../../viewer/payload.js" */
/** @import { Data } from "../data.js" */
/** @import { Room } from "../room.js" */
/** @import { About } from "./about.js" */

const HEAD = 34; // pixels above each picture

export class Picture {
  title;
  /** @type {About | null} of the image that is shown */
  #about = null;
  #number = -1; // of that image
  /** @type {{ width: number, height: number } | null} for which the panes are placed */
  #shape = null;
  #likely = ""; // the image, those that may come next and the second run, as they were fetched
  #words = element("p", "picked");
  #serial = 0;
  #room;
  #life;
  #abouts;
  #beside;
  viewer;

  /**
   * @param {Data} data
   * @param {HTMLElement[]} tools beside the title
   * @param {Room} room
   * @param {Life} life
   */
  constructor({ styles, pictures }, tools, room, life) {
    this.#room = room;
    this.#life = life;
    this.#abouts = new Abouts(pictures);
    this.title = new Title(room);
    this.#beside = new BesideChoice(room);
    this.title.root.append(...tools, this.#beside.root);
    this.viewer = new Child("viewer", mount, styles.viewer + FILLS.viewer, (name, value) => this.#hear(name, value), life);
    this.#words.setAttribute("role", "status");
    this.root = element("div", "picture", this.viewer.host, this.#words);
  }

  /** Why the image takes no verdict, or "". */
  get locked() {
    const { store } = this.#room;
    const number = store.current();
    return number < 0 ? "" : this.#abouts.known(number, store.state.beside)?.locked ?? "";
  }

  /** @param {Data} data of another run, or of files that have changed */
  begin({ pictures }) {
    this.#abouts = new Abouts(pictures);
    this.#about = this.#shape = null;
    this.#number = -1;
    this.#likely = "";
    this.root.classList.add("none"); // until the first one of the run
  }

  async show() {
    const { store } = this.#room;
    const number = store.current();
    this.#beside.show();
    this.#showWords(number);
    const known = number < 0 ? null : this.#abouts.known(number, store.state.beside);
    this.title.show(store, notesOf(known, store.data.images.problems[number]),
      known?.masks_changed);
    if (number < 0) {
      this.root.classList.add("none");
      return;
    }
    try {
      const about = known ?? await this.#abouts.of(number, store.state.beside);
      if (store.current() !== number || this.#room.store !== store) return;
      this.#about = about;
      this.#number = number;
      this.#showViewer(about);
      if (!known) this.#room.draw(); // what is to be said of it
      else await this.#ahead(number);
    } catch (error) {
      if (store.current() === number) this.title.fail(store, error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {About} about */
  #showViewer(about) {
    const begins = !this.viewer.find(".panes");
    if (!begins) this.fit();
    this.root.classList.remove("none");
    this.viewer.show(viewData(this.#room.store, about, this.#serial));
    const panes = this.viewer.find(".panes");
    if (begins && panes) this.#life.watchSize(panes, () => this.fit()); // and once at first
  }

  /** @param {number} number */
  async #ahead(number) {
    const { store } = this.#room;
    const next = [store.neighbour(1), store.neighbour(-1)].filter((one) => one !== undefined);
    const likely = [number, ...next, store.state.beside].join(" ");
    if (likely === this.#likely) return;
    this.#likely = likely;
    const abouts = await Promise.all(next.map((one) => this.#abouts.of(one, store.state.beside)));
    /** @type {ViewerPicture[]} */
    const pictures = abouts.map(({ picture }) => picture);
    if (store.current() === number) say("ahead", { channel: VIEWER, pictures });
  }

  /**
   * Show a mark over the pictures, or hide it.
   * @param {string} flag
   */
  turnMark(flag) {
    const { store: { state: { shown } }, change } = this.#room;
    const hidden = FLAGS.filter((one) => shown.hidden.includes(one) !== (one === flag));
    change({ shown: { ...shown, hidden } });
  }

  /** Four panes, two, one, and again. */
  turnPanes() {
    const now = this.#panes();
    this.#setPanes(now.length > 2 ? ["photo", "map"] : now.length === 2 ? ["photo"] : null);
  }

  /** @param {string[] | null} panes */
  #setPanes(panes) {
    const { store, change } = this.#room;
    if (!store.state.beside) remember({ panes });
    change({ shown: { ...store.state.shown, panes } });
  }

  #panes() {
    return panesOf(this.#room.store.state.shown.panes, this.#about);
  }

  /** In as many columns as show the photo largest. */
  fit() {
    const { clientWidth: wide, clientHeight: high } = this.viewer.find(".panes") ?? this.viewer.host;
    if (!this.#about || !wide || !this.viewer.find(".pane")) return; // before that the controls have no height
    this.#shape ??= this.#about.picture; // of the first one, so that panes stay where they are
    const columns = columnsFor(this.#panes().length, { wide, high }, this.#shape, HEAD);
    this.viewer.host.style.setProperty("--columns", String(columns));
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  #hear(name, value) {
    if (name === "view") this.#viewed(/** @type {Tells["view"]} */ (value));
    else {
      const { store, picked } = this.#room;
      const pixel = /** @type {Tells["pixel"]} */ (value);
      this.#room.picked = { number: store.current(), ...pixel, count: (picked?.count ?? 0) + 1 };
      this.#room.draw();
    }
  }

  /** @param {Tells["view"]} view */
  #viewed(view) {
    this.#serial = view.serial;
    const { store, draw } = this.#room;
    const [pixel, beside] = view.thresholds;
    const shown = viewFrom(view, this.#about);
    if (this.#number !== store.current()) shown.box = store.state.shown.box; // it was of the image before
    if (!store.state.beside) remember({ panes: shown.panes });
    store.change({ shown });
    if (pixel !== null && pixel !== store.thresholds.pixel) store.setPixelThreshold(pixel);
    if (typeof beside === "number" && beside !== store.thresholds.beside) store.setBesideThreshold(beside);
    draw();
    this.fit();
  }

  /** @param {number} number of the image that is shown */
  #showWords(number) {
    const { picked, answers } = this.#room;
    const here = picked && picked.number === number && number >= 0;
    const told = here ? answers.of("pixel", [number, picked.row, picked.column],
      { number, row: picked.row, column: picked.column }) : null;
    this.#words.textContent = told?.busy ? "…" : told?.error || (told?.value ?? "");
  }
}

/**
 * What is to be said of the image's files.
 * @param {About | null} about
 * @param {string} problem
 */
function notesOf(about, problem = "") {
  return [...new Set([problem, ...(about?.changed ?? []), ...(about?.notes ?? []), about?.locked ?? ""])].filter(Boolean);
}
