// The panes: each a choice of what it shows and a stage, with the canvases and marks that lie on one another there.

import { element } from "../lib/dom.js";
/** @import { Camera, Pixel, Size } from "./camera.js" */
/** @import { Content } from "./content.js" */
/** @import { Data, ViewerPicture } from "./payload.js" */

const MOST_PIXELS = 1_500_000; // of a layer canvas; a larger one is drawn coarser
const WIDE_STRIP = 4; // times as wide as high: panes stand below one another, each as wide as there is room
const TALL_STRIP = 0.5; // three or four panes stand in a row, and are higher

/**
 * @typedef {object} Pane
 * @property {string} kind what it shows
 * @property {number} number of the layer
 * @property {HTMLElement} figure
 * @property {HTMLElement} stage
 * @property {HTMLSelectElement} choice
 * @property {HTMLElement} note
 * @property {HTMLCanvasElement} photo
 * @property {HTMLCanvasElement} layer
 * @property {HTMLElement} peak
 * @property {HTMLElement} cursor
 *
 * @typedef {object} Acts what a person may do
 * @property {(place: number, kind: string) => void} choose what the pane at this place shows
 * @property {(stage: HTMLElement) => void} listen to mouse, fingers and keys
 */

export class Panes {
  /** @type {Pane[]} */
  list = [];
  grid = element("div", "panes");
  #root;
  #camera;
  #helpId;
  #acts;

  /**
   * @param {HTMLElement} root
   * @param {Camera} camera
   * @param {string} helpId of the element that tells the keys
   * @param {Acts} acts
   */
  constructor(root, camera, helpId, acts) {
    this.#root = root;
    this.#camera = camera;
    this.#helpId = helpId;
    this.#acts = acts;
  }

  /**
   * Numbers of the layers in view, ascending.
   * @param {ViewerPicture} picture
   */
  numbers({ layers }) {
    return [...new Set(this.list.map(({ number }) => number))].filter((number) => number in layers).sort();
  }

  /**
   * As many panes as there are kinds, each with what it shows.
   * @param {string[]} kinds
   * @param {Content} content
   * @param {Data} data
   */
  show(kinds, content, data) {
    while (this.list.length > kinds.length) this.list.pop()?.figure.remove();
    while (this.list.length < kinds.length) this.#add();
    this.list.forEach((pane, place) => fill(pane, kinds[place], content, data));
    this.grid.dataset.count = String(this.list.length);
    const { width, height } = content.picture;
    const wide = width / height;
    this.#root.style.setProperty("--shape", `${width} / ${height}`);
    this.#root.style.setProperty("--upright", String(wide));
    this.#root.dataset.strip = wide >= WIDE_STRIP ? "wide" : wide <= TALL_STRIP ? "tall" : "";
  }

  #add() {
    const pane = newPane(`What pane ${this.list.length + 1} shows`, this.#helpId);
    const { choice, stage, figure } = pane;
    choice.onchange = () => this.#acts.choose(this.list.indexOf(pane), choice.value);
    this.#acts.listen(stage);
    this.list.push(pane);
    this.grid.append(figure);
  }

  /**
   * The size of the stages, which the canvases get too.
   * @returns {Size}
   */
  measure() {
    const { clientWidth: wide, clientHeight: high } = this.list[0].stage;
    const dense = window.devicePixelRatio || 1;
    const coarse = Math.min(dense, Math.sqrt(MOST_PIXELS / Math.max(1, wide * high)));
    for (const { photo, layer } of this.list) {
      resizeCanvas(photo, wide * dense, high * dense);
      resizeCanvas(layer, wide * coarse, high * coarse);
    }
    return { wide, high, dense, coarse, count: this.list.length };
  }

  /**
   * Mark the highest score of each pane's layer, or none.
   * @param {Content} content
   * @param {boolean} wanted
   */
  markPeaks({ picture }, wanted) {
    for (const { peak, number } of this.list) {
      const place = (wanted && picture.layers[number]?.peak) || null;
      this.#put(peak, place && { row: place[0], column: place[1] });
    }
  }

  /** @param {Pixel | null} pixel that is pointed at */
  markPixel(pixel) {
    for (const { cursor } of this.list) this.#put(cursor, pixel);
  }

  /**
   * Move a mark to the middle of a photo pixel, or hide it.
   * @param {HTMLElement} mark
   * @param {Pixel | null} pixel
   */
  #put(mark, pixel) {
    mark.hidden = !pixel;
    if (!pixel) return;
    const [x, y] = this.#camera.pointOf(pixel.row + 0.5, pixel.column + 0.5);
    mark.style.transform = `translate(${x}px, ${y}px)`;
  }
}

/**
 * @param {string} label of its choice
 * @param {string} helpId
 * @returns {Pane}
 */
function newPane(label, helpId) {
  const pane = {
    kind: "", number: 0, figure: element("figure", "pane"), stage: element("div", "stage"),
    choice: element("select", "choice"), note: element("span", "note"), photo: element("canvas", "photo"),
    layer: element("canvas", "layer"), peak: element("span", "peak"), cursor: element("span", "cursor"),
  };
  const { figure, stage, choice, photo, layer, peak, cursor, note } = pane;
  peak.hidden = cursor.hidden = true;
  peak.title = "Maximum of the anomaly map";
  choice.setAttribute("aria-label", label);
  choice.onkeydown = (event) => event.stopPropagation(); // letters choose here, and are no shortcuts of the page
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-describedby", helpId);
  stage.append(photo, layer, peak, cursor, note);
  figure.append(choice, stage);
  return pane;
}

/**
 * @param {Pane} pane
 * @param {string} kind
 * @param {Content} content
 * @param {Data} data
 */
function fill(pane, kind, { picture, truth }, data) {
  pane.kind = kind;
  pane.number = kind.endsWith("2") ? 1 : 0;
  const options = Object.entries(data.panes).map(([one, called]) => new Option(called, one, false, one === kind));
  pane.choice.replaceChildren(...options);
  pane.stage.setAttribute("aria-label", `${data.panes[kind]} of ${picture.name}`);
  pane.stage.dataset.pane = kind;
  const predicts = kind.startsWith("prediction");
  pane.choice.title = predicts && picture.layers[pane.number]?.least ? data.trimmed : "";
  pane.photo.classList.toggle("grey", kind === "truth" || predicts);
  pane.note.textContent = noteOn(kind, { picture, truth }, pane.number);
}

/**
 * Why a pane shows nothing but the photo.
 * @param {string} kind
 * @param {Pick<Content, "picture" | "truth">} content
 * @param {number} number of the layer
 */
function noteOn(kind, { picture, truth }, number) {
  if (kind === "truth") return truth ? "" : "Not known for this image.";
  return kind === "photo" || number in picture.layers ? "" : "The map is being computed …";
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} wide
 * @param {number} high
 */
function resizeCanvas(canvas, wide, high) {
  const size = { width: Math.floor(wide), height: Math.floor(high) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
}
