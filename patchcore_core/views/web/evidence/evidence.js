// Why a photo scores what it does: a patch of it beside the nearest ones of good photos, which training photo each region
// resembles, and the score step by step.
//
//   mount(root, { image, patches, asks: true, keys: true, zooms: true, zone, error: "" }, (name, value) => …);
//
// The widget keeps which patch is chosen; a click, an arrow key on the picture, the steps through the hottest ones, or
// `picked` chooses another. A patch that was not given is told as `wanted`, once, and shown when it is.

import { button, element } from "../lib/dom.js";
import { takesText, withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { numbers } from "../lib/numbers.js";
import { same } from "../lib/values.js";
import { Overlay, looksOf } from "./overlay.js";
import { drawnPatch } from "./patch.js";
import { boxOf, cellAt, nearestOf, within } from "./places.js";
import { legendOf, receiptTable, variantTable } from "./receipt.js";
/** @import { Emit, Life, Mount } from "../lib/life.js" */
/** @import { Cell, Data, Patch, Tells } from "./data.js" */

const NEIGHBOURS = [1, 3, 5, 9];
const AROUND = 9; // patches that a zoom shows along each side
/** @type {Record<string, Cell>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @type {Mount<Data, Tells>} */
export const mount = widget("evidence", (root, emit, life, first) => {
  const shown = new Evidence(root, emit, life, first);
  return (data) => shown.take(data);
});

class Evidence {
  /** @type {Cell} */
  #place = [0, 0];
  #k = 5;
  #look = "photo";
  #image = ""; // the id of the photo that the place is on
  #clicks = -1; // the count of the last click elsewhere
  #wanted = ""; // what was told last
  #drawn = ""; // of what the tables are
  /** @type {HTMLImageElement[]} pictures of the next hot patch, on their way */
  #ahead = [];
  #overlay = new Overlay();
  #patch = element("div", "patch");
  #tables = element("div", "tables");
  #legend = element("div", "of-look");
  #said = element("span", "place");
  #looks = element("div", "looks");
  #count = element("select", "field");
  #steps;
  #zoom;

  /**
   * @param {HTMLElement} root
   * @param {Emit<Tells>} emit
   * @param {Life} life
   * @param {Data} data
   */
  constructor(root, emit, life, data) {
    this.data = data;
    this.emit = emit;
    this.root = root;
    const step = (/** @type {string} */ sign, /** @type {number} */ by, /** @type {string} */ label, /** @type {string} */ title) =>
      button(sign, () => this.#step(by), { name: "button", label, title });
    this.#steps = [step("‹", -1, "Hotter patch", "Key: Shift+S"), step("›", 1, "Next hottest patch", "Key: S")];
    this.#zoom = button("Zoom", () => this.#tellZoom(), { name: "button", title: "Show this patch large in the pictures" });
    this.#build();
    life.listen(window, "keydown", (event) => this.#onPageKey(event));
  }

  #build() {
    const canvas = this.#overlay.root;
    canvas.onclick = (event) => this.#onClick(event);
    canvas.onkeydown = (event) => this.#onKey(event);
    this.#looks.setAttribute("role", "group");
    this.#looks.setAttribute("aria-label", "What is painted over the photo");
    this.#count.setAttribute("aria-label", "Nearest good patches");
    this.#count.append(...NEIGHBOURS.map((k) => new Option(k === 1 ? "1 nearest" : `${k} nearest`, String(k))));
    this.#count.onkeydown = (event) => event.stopPropagation(); // letters choose here
    this.#count.onchange = () => {
      this.#k = Number(this.#count.value);
      this.#draw();
    };
    this.#patch.setAttribute("aria-live", "polite");
    const bar = element("div", "bar", ...this.#steps, this.#said, this.#count, this.#zoom);
    this.root.append(bar, element("div", "beside", element("div", "map", this.#looks, canvas, this.#legend), this.#patch),
      this.#tables);
  }

  /** @param {Data} data */
  take(data) {
    this.data = data;
    const { image, picked } = data;
    if (image.id !== this.#image) {
      this.#image = image.id;
      this.#place = image.peaks[0] ?? [0, 0];
    }
    if (picked && picked.count !== this.#clicks) {
      this.#clicks = picked.count;
      this.#choose(cellAt(image, picked.row, picked.column), false);
    }
    this.#draw();
  }

  // ---- what a person does -----------------------------------------------------------------------------------------

  /**
   * @param {Cell | null} place
   * @param {boolean} [draw]
   */
  #choose(place, draw = true) {
    const { image, asks } = this.data;
    if (!place) return;
    this.#place = asks ? place : nearestOf(image.peaks, place);
    if (draw) this.#draw();
  }

  /** @param {number} by */
  #step(by) {
    const { peaks } = this.data.image;
    if (!peaks.length) return;
    const at = peaks.findIndex((one) => same(one, this.#place));
    this.#choose(peaks[at < 0 ? 0 : Math.min(Math.max(at + by, 0), peaks.length - 1)]);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const { row, column } = this.#overlay.pixelAt(this.data.image, event);
    this.#choose(cellAt(this.data.image, row, column));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const way = ARROWS[event.key];
    if (!way || withModifier(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const { image: { grid: [rows, columns] }, asks } = this.data;
    const [row, column] = this.#place;
    if (!asks) this.#step(way[0] + way[1]);
    else this.#choose([limited(row + way[0], rows), limited(column + way[1], columns)]);
  }

  /** @param {KeyboardEvent} event */
  #onPageKey(event) {
    if (!this.data.keys || event.key.toLowerCase() !== "s" || withModifier(event) || takesText(event)) return;
    if (!this.root.offsetParent) return; // it is not seen
    event.preventDefault();
    this.#step(event.key === "S" ? -1 : 1);
  }

  #tellZoom() {
    const { image } = this.data;
    this.emit("zoom", within(boxOf(image, this.#place, AROUND), image.size));
  }

  // ---- what is shown ----------------------------------------------------------------------------------------------

  #draw() {
    const { data: { image, asks, zooms, patches, error, zone } } = this;
    const [row, column] = this.#place;
    const patch = [...patches, ...image.patches].find(({ place, k }) => same(place, this.#place) && (!asks || k === this.#k));
    this.root.dataset.place = `${row} ${column}`;
    this.root.setAttribute("aria-busy", String(!patch && !error));
    this.#showBar(row, column);
    this.#count.hidden = !asks;
    this.#count.value = String(this.#k);
    this.#zoom.hidden = !zooms;
    this.#showLooks();
    this.#overlay.show(image, this.#look, this.#place);
    this.#overlay.root.setAttribute("aria-label", `Photo; the patch in row ${row}, column ${column} is chosen. ` +
      `Arrow keys choose ${asks ? "the one beside it" : "another"}.`);
    this.#showPatch(patch, error);
    if (patch) this.#fetchAhead();
    this.#showTables(JSON.stringify([image.receipt, image.variants, image.notes, zone]));
    if (!patch && asks && !error) this.#ask(row, column);
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  #showBar(row, column) {
    const { peaks } = this.data.image;
    const at = peaks.findIndex((one) => same(one, this.#place));
    const which = at < 0 ? "chosen patch" : at === 0 ? `hottest patch, 1 of ${peaks.length}` : `hot patch ${at + 1} of ${peaks.length}`;
    this.#said.textContent = `${which} · row ${row}, column ${column}`;
    this.#steps[0].disabled = at === 0;
    this.#steps[1].disabled = at === peaks.length - 1;
  }

  #showLooks() {
    const looks = looksOf(this.data.image);
    if (!looks.some(({ name }) => name === this.#look)) this.#look = "photo";
    this.#looks.replaceChildren(...looks.map(({ name, words }) => {
      const made = button(words, () => {
        this.#look = name;
        this.#draw();
        /** @type {HTMLElement | null} */ (this.#looks.querySelector("[aria-pressed=true]"))?.focus();
      }, { name: "button bare" });
      made.setAttribute("aria-pressed", String(name === this.#look));
      return made;
    }));
    const { images } = this.data.image;
    const words = this.#look === "photo" ? [] : this.#look === "resembles" ? [legendOf(images)] : [scale(this.data.image.inferno)];
    this.#legend.replaceChildren(...words);
  }

  /**
   * @param {Patch | undefined} patch
   * @param {string} error
   */
  #showPatch(patch, error) {
    this.#patch.classList.toggle("stale", !patch && !error);
    if (error && !patch) this.#patch.replaceChildren(element("p", "warning", error));
    else if (patch) this.#patch.replaceChildren(...drawnPatch(patch, this.#layers()));
    else if (!this.#patch.childElementCount) this.#patch.replaceChildren(element("p", "about", "being computed …"));
  }

  /** The pictures of the next hot patch, which may be looked at next. */
  #fetchAhead() {
    const { peaks, patches } = this.data.image;
    const next = peaks[peaks.findIndex((one) => same(one, this.#place)) + 1];
    const patch = next && patches.find(({ place }) => same(place, next));
    const addresses = patch ? [patch.address, ...patch.near.map(({ address }) => address)].filter(Boolean) : [];
    if (addresses[0] === this.#ahead[0]?.getAttribute("src")) return;
    this.#ahead = addresses.map((src) => Object.assign(element("img"), { src }));
  }

  /** @returns {[name: string, share: number][]} */
  #layers() {
    const { layers, grid: [, columns] } = this.data.image;
    const at = this.#place[0] * columns + this.#place[1];
    return layers.length > 1 ? layers.map(({ name, shares }) => [name, numbers(shares)[at]]) : [];
  }

  /** @param {string} of */
  #showTables(of) {
    if (of === this.#drawn) return; // what a person has marked in the text stays
    this.#drawn = of;
    const { image, zone } = this.data;
    this.#tables.replaceChildren(...image.notes.map((note) => element("p", "warning", note)), receiptTable(image, zone),
      variantTable(image.variants));
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  #ask(row, column) {
    const wanted = { row, column, k: this.#k };
    const told = JSON.stringify([this.#image, wanted]);
    if (told === this.#wanted) return;
    this.#wanted = told;
    this.emit("wanted", wanted);
  }
}

/**
 * @param {number} place
 * @param {number} length
 */
const limited = (place, length) => Math.min(Math.max(place, 0), length - 1);

/** @param {string} inferno */
function scale(inferno) {
  const colours = Array.from({ length: 16 }, (_, step) => `#${inferno.slice(6 * 17 * step, 6 * 17 * step + 6)}`);
  const bar = element("span", "ramp");
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  return element("p", "scale", "0 %", bar, "100 %");
}
