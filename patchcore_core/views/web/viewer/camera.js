// Which part of the photo all panes show: the photo pixel in their middle and the zoom.

import { same } from "../lib/values.js";
/** @import { Box } from "./payload.js" */
/** @import { Frame } from "./pixels/cells.js" */

const CLOSEST = 32; // screen pixels to a photo pixel

/**
 * @typedef {object} Size of each stage
 * @property {number} wide screen pixels
 * @property {number} high
 * @property {number} dense device pixels to a screen pixel
 * @property {number} coarse pixels of a layer canvas to a screen pixel
 * @property {number} count of stages
 *
 * @typedef {{ row: number, column: number }} Pixel of the photo
 */

export class Camera {
  row = 0;
  column = 0;
  /** Screen pixels to a photo pixel; 0 until something is shown. */
  zoom = 0;
  /** Size of the photo. */
  photo = { height: 1, width: 1 };
  /** @type {Size} */
  size = { wide: 0, high: 0, dense: 1, coarse: 1, count: 0 };
  #fitted = false; // whether a box is shown as it was chosen, not by zoom and pan since

  /** The zoom at which the whole photo is seen. */
  wholeZoom() {
    return Math.min(this.size.wide / this.photo.width, this.size.high / this.photo.height);
  }

  isWhole() {
    return this.zoom <= this.wholeZoom() * 1.0001;
  }

  /**
   * Show this box, or the whole photo.
   * @param {Box | null} box
   */
  fit(box) {
    const { height, width } = this.photo;
    const [top, left, bottom, right] = box ?? [0, 0, height, width];
    this.row = (top + bottom) / 2;
    this.column = (left + right) / 2;
    this.zoom = Math.min(this.size.wide / (right - left), this.size.high / (bottom - top));
    this.#fitted = box !== null;
    this.hold();
  }

  /**
   * The stages may have another size. Whether another part is seen than the chosen box, as after a zoom: it stays as
   * close to the whole as it was.
   * @param {Size} size
   * @param {Box | null} box that is chosen
   */
  resize(size, box) {
    const [resized, before] = [!same(size, this.size), this.wholeZoom()];
    this.size = size;
    if (!size.wide) return false;
    const zoomed = box !== null && !this.#fitted && before > 0;
    if (zoomed) this.zoom *= this.wholeZoom() / before;
    else if (resized || !box) this.fit(box);
    this.hold();
    return zoomed && resized;
  }

  /** Stay on the photo and within the closest and the widest view. */
  hold() {
    const { size, photo } = this;
    const least = this.wholeZoom();
    this.zoom = Math.min(Math.max(this.zoom, least), Math.max(CLOSEST, least));
    this.row = held(this.row, size.high / this.zoom, photo.height);
    this.column = held(this.column, size.wide / this.zoom, photo.width);
  }

  /**
   * Zoom so that what is seen at (x, y) of a stage stays there.
   * @param {number} factor
   * @param {number} [x] screen pixels
   * @param {number} [y]
   */
  zoomBy(factor, x = this.size.wide / 2, y = this.size.high / 2) {
    const before = this.place(x, y);
    this.zoom *= factor;
    this.#fitted = false;
    this.hold();
    const after = this.place(x, y);
    this.moveBy(before.row - after.row, before.column - after.column);
  }

  /**
   * @param {number} rows photo pixels
   * @param {number} columns
   */
  moveBy(rows, columns) {
    this.row += rows;
    this.column += columns;
    this.#fitted = false;
    this.hold();
  }

  /**
   * What a canvas with `dense` pixels to a screen pixel shows.
   * @param {number} dense
   * @returns {Frame}
   */
  frameOf(dense) {
    const { size, zoom } = this;
    return {
      top: this.row - size.high / 2 / zoom, left: this.column - size.wide / 2 / zoom,
      scale: zoom * dense, rows: Math.floor(size.high * dense), columns: Math.floor(size.wide * dense),
    };
  }

  /**
   * What is seen of the photo, to a tenth of a pixel.
   * @returns {Box}
   */
  shownBox() {
    const { top, left, scale, rows, columns } = this.frameOf(1);
    const { height, width } = this.photo;
    const tenth = (/** @type {number} */ value) => Math.round(value * 10) / 10;
    return [tenth(Math.max(0, top)), tenth(Math.max(0, left)), tenth(Math.min(height, top + rows / scale)),
      tenth(Math.min(width, left + columns / scale))];
  }

  /**
   * The place on the photo of a point of a stage.
   * @param {number} x screen pixels from the stage's corner
   * @param {number} y
   */
  place(x, y) {
    const { top, left, scale } = this.frameOf(1);
    return { row: top + y / scale, column: left + x / scale };
  }

  /**
   * The point of a stage at which a place on the photo is seen.
   * @param {number} row
   * @param {number} column
   * @returns {[x: number, y: number]}
   */
  pointOf(row, column) {
    const { top, left, scale } = this.frameOf(1);
    return [(column - left) * scale, (row - top) * scale];
  }

  /**
   * The photo pixel at a point of a stage, or null beside the photo.
   * @param {number} x
   * @param {number} y
   * @returns {Pixel | null}
   */
  pixelAt(x, y) {
    const { row, column } = this.place(x, y);
    const inside = row >= 0 && column >= 0 && row < this.photo.height && column < this.photo.width;
    return inside ? { row: Math.floor(row), column: Math.floor(column) } : null;
  }

  /**
   * How far the photo must move until this pixel is seen.
   * @param {Pixel} pixel
   * @returns {[rows: number, columns: number]}
   */
  wayTo({ row, column }) {
    const { top, left, scale, rows, columns } = this.frameOf(1);
    return [beyond(row, top, rows / scale), beyond(column, left, columns / scale)];
  }
}

/**
 * The middle of a view of `shown` pixels so that it stays on `length` pixels, or on their middle where it shows all.
 * @param {number} middle
 * @param {number} shown
 * @param {number} length
 */
function held(middle, shown, length) {
  return shown >= length ? length / 2 : Math.min(Math.max(middle, shown / 2), length - shown / 2);
}

/**
 * How far a pixel lies outside the view that begins at `start`; 0 within it.
 * @param {number} place
 * @param {number} start
 * @param {number} length
 */
const beyond = (place, start, length) => Math.min(0, place - start) + Math.max(0, place + 1 - start - length);
