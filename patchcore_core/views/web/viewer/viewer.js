// The viewer: one to four panes of one photo that zoom and pan together.
//
// store.js has what is chosen, pictures.js what is shown, camera.js which part of it is seen;
// painter.js paints it with the arithmetic of pixels/.

import { element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { same } from "../lib/values.js";
import { Camera } from "./camera.js";
import { Controls } from "./controls.js";
import { Cursor } from "./cursor.js";
import { Gestures } from "./gestures.js";
import { Painter } from "./painter.js";
import { Panes } from "./panes.js";
import { Pictures } from "./pictures.js";
import { Store } from "./store.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Emit, Life, Mount } from "../lib/life.js" */
/** @import { Content } from "./content.js" */
/** @import { Data, Tells, ViewerPicture } from "./payload.js" */

const HELP = "Plus and minus zoom, 0 shows the whole photo, arrow keys move it, with Shift they move a cross over its " +
  "pixels, from the middle. Enter picks the pixel under the cross, Escape puts it away.";

/** @type {Mount<Data, Tells>} */
export const mount = widget("viewer", (root, emit, life) => {
  /** @type {Viewer | undefined} */
  let viewer;
  return (data) => {
    viewer ??= begun(new Viewer(root, data, emit, life), life);
    viewer.receive(data);
  };
});

/**
 * The viewer, which hears the other widgets from now on.
 * @param {Viewer} viewer
 * @param {Life} life
 */
function begun(viewer, life) {
  life.hear("thresholds", (moved) => viewer.follow(moved));
  life.hear("ahead", (likely) => viewer.lookAhead(likely));
  life.hear("settle", ({ channel }) => channel === viewer.store.data.channel && viewer.store.settle());
  life.listen(window, "keydown", (event) => viewer.gestures.onPageKey(event));
  life.atEnd(() => viewer.pictures.close());
  return viewer;
}

class Viewer {
  camera = new Camera();
  pictures = new Pictures();
  #drawn = 0; // how many times

  /**
   * @param {HTMLElement} root
   * @param {Data} data
   * @param {Emit<Tells>} emit
   * @param {Life} life
   */
  constructor(root, data, emit, life) {
    this.root = root;
    this.life = life;
    this.paintSoon = life.eachFrame(() => this.#paint());
    this.store = new Store(data, root, emit, life, this.paintSoon);
    const help = element("span", "help", HELP);
    help.id = "viewer-help";
    this.panes = new Panes(root, this.camera, help.id, {
      choose: (place, kind) => this.#setPanes(this.store.view.panes.with(place, kind)),
      listen: (stage) => {
        this.gestures.listen(stage);
        life.watchSize(stage, () => this.resize());
      },
    });
    this.cursor = new Cursor(this.camera, this.panes);
    this.gestures = new Gestures(this.store, this.camera, this.cursor, this);
    this.controls = new Controls(this.store, this, (count) => this.#setCount(count), life);
    this.painter = new Painter(this.store, this.camera);
    root.setAttribute("role", "group");
    root.replaceChildren(this.controls.bar, this.panes.grid, this.cursor.readout, help);
  }

  // ---- what others say --------------------------------------------------------------------------------------------

  /** @param {Data} data */
  receive(data) {
    this.root.setAttribute("aria-label", data.label);
    this.root.style.colorScheme = isLight(getComputedStyle(this.root).color) ? "dark" : "light";
    this.#load(data.picture, this.store.take(data, this.pictures.shown?.picture.id));
  }

  /**
   * A handle of the operating point that this viewer follows moves.
   * @param {Events["thresholds"]} moved
   */
  follow(moved) {
    if (!this.pictures.shown || !this.root.isConnected) return;
    if (this.store.follow(moved)) this.paintSoon();
  }

  /**
   * These are likely to be wanted next: they are fetched once the browser has nothing else to do.
   * @param {Events["ahead"]} likely
   */
  lookAhead({ channel, pictures }) {
    if (channel !== this.store.data.channel || !this.root.isConnected) return;
    const { dataset } = this.root;
    dataset.ahead = "";
    this.pictures.lookAhead(pictures, (act) => this.life.whenIdle(act), () => {
      dataset.ahead = pictures.map(({ name }) => name).join(" | ");
    });
  }

  resize() {
    if (!this.pictures.shown || !this.panes.list.length) return;
    const size = this.panes.measure();
    if (same(size, this.camera.size)) return;
    if (this.camera.resize(size, this.store.view.box)) this.#tellBox();
    if (size.wide) this.paintSoon();
  }

  // ---- what a person does -----------------------------------------------------------------------------------------

  /**
   * @param {number} factor
   * @param {number} [x] screen pixels
   * @param {number} [y]
   */
  zoomBy(factor, x, y) {
    this.camera.zoomBy(factor, x, y);
    this.#tellBox();
  }

  /**
   * @param {number} rows photo pixels
   * @param {number} columns
   */
  moveBy(rows, columns) {
    this.camera.moveBy(rows, columns);
    this.#tellBox();
  }

  whole() {
    this.camera.fit(null);
    this.store.change({ box: null });
  }

  #tellBox() {
    this.store.change({ box: this.camera.isWhole() ? null : this.camera.shownBox() });
  }

  /** @param {number} count */
  #setCount(count) {
    const { data, view } = this.store;
    const more = Object.keys(data.panes).filter((kind) => !view.panes.includes(kind));
    this.#setPanes([...view.panes, ...more].slice(0, count));
  }

  /** @param {string[]} panes what they show */
  #setPanes(panes) {
    this.store.change({ panes }, 0);
    if (this.pictures.shown) this.#build(this.pictures.shown, false);
  }

  // ---- what is shown ----------------------------------------------------------------------------------------------

  /**
   * Fetch what is not here yet; the last picture stays until all of the new one is there.
   * @param {ViewerPicture} picture
   * @param {boolean} refit
   */
  async #load(picture, refit) {
    this.root.setAttribute("aria-busy", "true");
    try {
      const loaded = await this.pictures.load(picture);
      if (!loaded) return;
      const { content, before } = loaded;
      if (!same(before, picture)) this.painter.forget();
      if (before?.id !== picture.id) this.cursor.forget();
      this.root.setAttribute("aria-busy", "false");
      this.#build(content, refit);
    } catch (error) {
      this.root.setAttribute("aria-busy", "false");
      const cause = error instanceof Error ? error.message : String(error);
      this.cursor.readout.textContent = `The picture could not be loaded: ${cause}`;
    }
  }

  /**
   * @param {Content} content
   * @param {boolean} refit whether to show the chosen box
   */
  #build(content, refit) {
    const { camera, panes, cursor, store: { data, view } } = this;
    view.panes = view.panes.filter((kind) => kind in data.panes);
    camera.photo = content.picture;
    cursor.content = content;
    panes.show(view.panes, content, data);
    this.controls.draw(content, panes.numbers(content.picture));
    const moved = camera.resize(panes.measure(), view.box);
    if (refit) camera.fit(view.box);
    else if (moved) this.#tellBox();
    cursor.pointAt(cursor.pixel);
    this.paintSoon();
  }

  #paint() {
    const { camera, panes } = this;
    const content = this.pictures.shown;
    if (!content || !camera.size.wide || !camera.size.high) return;
    const { frame, window: { level } } = this.painter.paint(content, panes.list);
    panes.markPeaks(content, this.store.view.peak);
    this.controls.show(content, camera.zoom * camera.size.dense);
    this.#drawn += 1;
    Object.assign(this.root.dataset, { ...frame, level, drawn: this.#drawn, picture: content.picture.id,
      whole: camera.isWhole() });
  }
}

/**
 * Whether a CSS colour, as computed, is a light one.
 * @param {string} colour
 */
function isLight(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 127;
}
