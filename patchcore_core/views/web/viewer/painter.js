// Paints the panes: the photo, and over it the cells of map, truth and prediction, with outlines.

import { contextOf } from "../lib/dom.js";
import { cellOf, windowOf } from "./pixels/cells.js";
import { boundaries, drawOutline } from "./pixels/outline.js";
import { CLEAR, heatTable, maskColour, packed, paintHeat, paintMask, predictedCells, spread } from "./pixels/paint.js";
/** @import { Camera } from "./camera.js" */
/** @import { Content } from "./content.js" */
/** @import { Frame, LevelWindow } from "./pixels/cells.js" */
/** @import { ScoreField } from "./pixels/score_field.js" */
/** @import { Store } from "./store.js" */
/** @import { Pane } from "./panes.js" */

/**
 * @typedef {object} Look the cells in view
 * @property {Frame} frame of the layer canvases
 * @property {LevelWindow} window
 * @property {Int32Array} rows cell of each row of canvas pixels
 * @property {Int32Array} columns
 * @property {Float32Array[]} scores one a layer
 * @property {Float32Array[]} kept scores that are predicted from, one a layer
 * @property {Uint8Array | null} truth
 * @property {number[] | null} truthSides its outline, once it is drawn
 */

export class Painter {
  #store;
  #camera;
  #seen = "";
  /** @type {Look | null} only zoom, pan and another picture change it */
  #look = null;

  /**
   * @param {Store} store
   * @param {Camera} camera
   */
  constructor(store, camera) {
    this.#store = store;
    this.#camera = camera;
  }

  /** Another picture is shown. */
  forget() {
    this.#look = null;
  }

  /**
   * @param {Content} content
   * @param {Pane[]} panes
   * @returns {Look}
   */
  paint(content, panes) {
    const { size } = this.#camera;
    const frame = this.#camera.frameOf(size.coarse);
    const seen = JSON.stringify([frame, size]);
    if (seen !== this.#seen || !this.#look) {
      this.#seen = seen;
      this.#look = lookAt(content, frame);
      for (const { photo } of panes) this.#paintPhoto(photo, content);
    }
    const look = this.#look;
    const found = look.kept.map((scores, number) => this.#predict(scores, number));
    for (const pane of panes) this.#paintLayer(pane, content, look, found[pane.number]);
    return look;
  }

  /**
   * 1 for each cell that is predicted.
   * @param {Float32Array} scores
   * @param {number} number
   */
  #predict(scores, number) {
    const found = new Uint8Array(scores.length);
    predictedCells(scores, this.#store.view.thresholds[number] ?? NaN, found);
    return found;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Content} content
   */
  #paintPhoto(canvas, { photo, picture: { width, height } }) {
    const { top, left, scale } = this.#camera.frameOf(this.#camera.size.dense);
    const context = contextOf(canvas);
    const level = Math.min(Math.max(0, Math.floor(Math.log2(1 / scale) + 1e-9)), photo.length - 1);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = scale < 2;
    context.drawImage(photo[level], -left * scale, -top * scale, width * scale, height * scale);
  }

  /**
   * @param {Pane} pane
   * @param {Content} content
   * @param {Look} look
   * @param {Uint8Array | undefined} found
   */
  #paintLayer(pane, content, look, found) {
    const { frame, window, rows, columns } = look;
    const context = contextOf(pane.layer, { willReadFrequently: true });
    const image = context.createImageData(frame.columns, frame.rows);
    const out = new Uint32Array(image.data.buffer);
    const cells = this.#paintCells(pane, content, look, found);
    if (cells) spread(cells, window, rows, columns, out);
    if (pane.kind === "photo" || pane.kind.startsWith("map")) this.#drawOutlines(look, found, out);
    context.putImageData(image, 0, 0);
  }

  /**
   * The colours of the cells of a pane; null over the bare photo.
   * @param {Pane} pane
   * @param {Content} content
   * @param {Look} look
   * @param {Uint8Array | undefined} found
   */
  #paintCells({ kind, number }, { picture }, look, found) {
    const { view, data } = this.#store;
    const scores = look.scores[number];
    const cells = new Uint32Array(look.window.rows * look.window.columns);
    if (kind === "truth" && look.truth) {
      paintMask(look.truth, null, null, [CLEAR, maskColour(data.colours.truth)], cells);
    } else if (!scores || !found) {
      return null; // the map is not known
    } else if (kind.startsWith("map")) {
      const limits = this.#store.limitsOf(picture.layers[number], number);
      paintHeat(scores, limits, heatTable(data.inferno, view.opacity), cells);
    } else if (kind.startsWith("prediction")) {
      paintMask(found, look.truth, scores, this.#judgedTable(look), cells);
    } else return null;
    return cells;
  }

  /** @param {Look} look */
  #judgedTable({ truth }) {
    const { data: { colours }, view } = this.#store;
    const paint = (/** @type {string} */ name) => maskColour(colours[name]);
    return truth && view.judged ? [CLEAR, paint("false alarm"), paint("miss"), paint("hit")]
      : [CLEAR, paint("prediction"), CLEAR, paint("prediction")];
  }

  /**
   * @param {Look} look
   * @param {Uint8Array | undefined} found
   * @param {Uint32Array} out
   */
  #drawOutlines(look, found, out) {
    const { frame, window, truth } = look;
    const { view, data: { colours } } = this.#store;
    const reach = Math.max(1, Math.round(this.#camera.size.coarse));
    const draw = (/** @type {number[]} */ sides, /** @type {string} */ name) =>
      drawOutline(sides, packed(colours[name], 1), reach, out, frame.columns, frame.rows);
    if (found && view.prediction_outline) draw(boundaries(found, window, frame), "prediction");
    if (!view.truth_outline || !truth) return;
    look.truthSides ??= boundaries(truth, window, frame);
    draw(look.truthSides, "truth");
  }
}

/**
 * @param {Content} content
 * @param {Frame} frame
 * @returns {Look}
 */
function lookAt({ picture: { height, width }, fields, kept, truth }, frame) {
  const window = windowOf(frame, height, width);
  const { level } = window;
  const count = window.rows * window.columns;
  const cells = (/** @type {ScoreField} */ field) => field.fill(new Float32Array(count), level, window);
  const scores = fields.map(cells);
  return {
    frame, window, scores, kept: kept.map((field, at) => (field === fields[at] ? scores[at] : cells(field))),
    truth: truth && truth.fill(new Uint8Array(count), level, window), truthSides: null,
    rows: cellOf(frame.rows, frame.top, frame.scale, height, level, window.top, window.rows),
    columns: cellOf(frame.columns, frame.left, frame.scale, width, level, window.left, window.columns),
  };
}
