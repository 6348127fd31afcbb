// The image that is shown: its title, the viewer, which panes there are and how they stand, and the second run's map.

import { element } from "../../lib/dom.js";
import { say } from "../../lib/events.js";
import { mount } from "../../viewer/viewer.js";
import { Child } from "../../lib/child.js";
import { HeldOut, LOCKED } from "../held_out.js";
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
/** @import { Pictures, Wanted } from "../../lib/pictures.js" */
/** @import { Data } from "../data.js" */
/** @import { Room } from "../room.js" */
/** @import { About } from "./about.js" */

const HEAD = 34; // pixels above each picture
const REST_MS = 250; // a map is computed for the image that stays

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
  #heldOut;
  #resting;
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
    this.#heldOut = new HeldOut(() => this.turnPanes());
    this.#resting = life.timer();
    this.title.root.append(...tools, this.#heldOut.root, this.#beside.root);
    this.viewer = new Child("viewer", mount, styles.viewer + FILLS.viewer, (name, value) => this.#hear(name, value), life);
    this.#words.setAttribute("role", "status");
    this.root = element("div", "picture", this.viewer.host, this.#words);
  }

  /** Why the image takes no verdict, or "". */
  get locked() {
    const { store } = this.#room;
    const number = store.current();
    if (number < 0) return "";
    return store.which === "training" ? LOCKED : this.#abouts.known(number, this.#wanted())?.locked ?? "";
  }

  /** @param {Pictures} pictures of another run, of another list, or of files that have changed */
  begin(pictures) {
    this.#resting.stop();
    this.#abouts = new Abouts(pictures);
    this.#about = this.#shape = null;
    this.#number = -1;
    this.#likely = "";
    this.root.classList.add("none"); // until the first one of the run
  }

  async show() {
    const { store } = this.#room;
    const { photos } = store;
    if (this.#abouts.addresses !== photos.pictures) this.begin(photos.pictures);
    const number = store.current();
    const wanted = this.#wanted();
    this.#beside.show();
    this.#heldOut.show(store, wanted.map ?? false);
    this.#showWords(number);
    const known = number < 0 ? null : this.#abouts.known(number, wanted);
    this.title.show(store, notesOf(known, photos.images.problems[number]), known?.masks_changed);
    if (number < 0) {
      this.root.classList.add("none");
      return;
    }
    try {
      const about = known ?? await this.#abouts.of(number, { ...wanted, map: false });
      if (store.current() !== number || this.#room.store !== store || store.photos !== photos) return;
      this.#about = about;
      this.#number = number;
      this.#showViewer(about);
      if (!known) this.#goOn(number, wanted, about);
      else if (!wanted.map) await this.#ahead(number);
    } catch (error) {
      this.#fail(number, error);
    }
  }

  /** What the panes need to know of the image. */
  #wanted() {
    const { which, state: { beside, shown: { panes } } } = this.#room.store;
    return which === "test" ? { beside } : { map: panes?.some((pane) => pane !== "photo") ?? false };
  }

  /**
   * Draw what is to be said of the image; where its map has to be computed, once the image stays.
   * @param {number} number
   * @param {Wanted} wanted
   * @param {About} about what is known without the map
   */
  #goOn(number, wanted, about) {
    const { draw, store } = this.#room;
    if (!wanted.map) {
      draw();
      return;
    }
    this.title.show(store, notesOf(about, store.photos.images.problems[number]));
    this.#resting.set(REST_MS, () => void this.#abouts.of(number, wanted).then(draw, (error) => this.#fail(number, error)));
  }

  /**
   * @param {number} number
   * @param {unknown} error
   */
  #fail(number, error) {
    const { store } = this.#room;
    if (store.current() === number) this.title.fail(store, error instanceof Error ? error.message : String(error));
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
    const wanted = this.#wanted();
    const likely = [number, ...next, wanted.beside].join(" ");
    if (likely === this.#likely) return;
    this.#likely = likely;
    const abouts = await Promise.all(next.map((one) => this.#abouts.of(one, wanted)));
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
    if (this.#room.store.which === "training") this.#setPanes(now.length > 1 ? null : ["photo", "map"]);
    else this.#setPanes(now.length > 2 ? ["photo", "map"] : now.length === 2 ? ["photo"] : null);
  }

  /** @param {string[] | null} panes */
  #setPanes(panes) {
    const { store, change } = this.#room;
    this.#remember(panes);
    change({ shown: { ...store.state.shown, panes } });
  }

  /** @param {string[] | null} panes */
  #remember(panes) {
    const { which, state: { beside } } = this.#room.store;
    if (which === "test" && !beside) remember({ panes });
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
    else if (this.#room.store.which === "test") {
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
    const shown = viewFrom(view, this.#about, store.state.shown.panes);
    if (this.#number !== store.current()) shown.box = store.state.shown.box; // it was of the image before
    this.#remember(shown.panes);
    store.change({ shown });
    if (pixel !== null && pixel !== store.thresholds.pixel) store.setPixelThreshold(pixel);
    if (typeof beside === "number" && beside !== store.thresholds.beside) store.setBesideThreshold(beside);
    draw();
    this.fit();
  }

  /** @param {number} number of the image that is shown */
  #showWords(number) {
    const { picked, answers, store } = this.#room;
    const here = picked && picked.number === number && number >= 0 && store.which === "test";
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
