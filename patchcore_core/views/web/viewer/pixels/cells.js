// Cells: blocks of 2^level x 2^level pixels of a photo, so that what is drawn never has more of them than the screen has
// pixels. A cell has the highest value of its pixels: nothing small vanishes when zoomed out. At level 0 a cell is a
// pixel. Places are (row, column).

/**
 * @typedef {Float32Array | Uint8Array} Cells row after row
 *
 * @typedef {object} CellWindow some cells of a level: the first row and column, and how many
 * @property {number} top
 * @property {number} left
 * @property {number} rows
 * @property {number} columns
 *
 * @typedef {CellWindow & { level: number }} LevelWindow
 *
 * @typedef {object} Frame what of the photo a canvas shows
 * @property {number} top in photo pixels at the canvas' corner
 * @property {number} left
 * @property {number} scale canvas pixels to a photo pixel
 * @property {number} rows canvas pixels
 * @property {number} columns
 */

export const UNSEEN = -Infinity; // the score of what the network did not see

/**
 * How many cells cover so many pixels of the photo.
 * @param {number} length
 * @param {number} level
 */
export const cellsAlong = (length, level) => Math.ceil(length / 2 ** level);

/**
 * The cells of all levels above 0 of a photo of `height` x `width`, each made once: level 1 by `first` from the pixels,
 * the others from the last. All cells of a level begin as `empty(count)`.
 * @template {Cells} C
 */
export class Levels {
  /** @type {C[]} */
  #made = [];
  #size;
  #empty;
  #first;

  /**
   * @param {number} height
   * @param {number} width
   * @param {(count: number) => C} empty
   * @param {(cells: C, columns: number) => void} first
   */
  constructor(height, width, empty, first) {
    this.#size = [height, width];
    this.#empty = empty;
    this.#first = first;
  }

  /**
   * The cells of a level within a window, into `out`.
   * @param {C} out window.rows * window.columns
   * @param {number} level
   * @param {CellWindow} window
   */
  fill(out, level, window) {
    const cells = this.#level(level);
    const columns = cellsAlong(this.#size[1], level);
    for (let row = 0; row < window.rows; row++) {
      const start = (window.top + row) * columns + window.left;
      out.set(cells.subarray(start, start + window.columns), row * window.columns);
    }
    return out;
  }

  /**
   * @param {number} level
   * @returns {C}
   */
  #level(level) {
    return (this.#made[level] ??= this.#make(level));
  }

  /** @param {number} level */
  #make(level) {
    const [rows, columns] = this.#size.map((length) => cellsAlong(length, level));
    const cells = this.#empty(rows * columns);
    if (level === 1) this.#first(cells, columns);
    else shrink(this.#level(level - 1), cellsAlong(this.#size[1], level - 1), cells, columns);
    return cells;
  }
}

/**
 * The highest of each 2 x 2 of the finer cells.
 * @param {Cells} finer
 * @param {number} fineColumns
 * @param {Cells} cells
 * @param {number} columns
 */
function shrink(finer, fineColumns, cells, columns) {
  const fineRows = finer.length / fineColumns;
  for (let row = 0; row < fineRows; row++) {
    const start = (row >> 1) * columns;
    for (let column = 0; column < fineColumns; column++) {
      const value = finer[row * fineColumns + column];
      if (value > cells[start + (column >> 1)]) cells[start + (column >> 1)] = value;
    }
  }
}

/**
 * The cells that a canvas shows, of the first level whose cells are at least one canvas pixel wide.
 * @param {Frame} frame
 * @param {number} height of the photo
 * @param {number} width
 * @returns {LevelWindow}
 */
export function windowOf({ top, left, scale, rows, columns }, height, width) {
  const level = Math.max(0, Math.ceil(Math.log2(1 / scale) - 1e-9));
  const span = (/** @type {number} */ start, /** @type {number} */ length, /** @type {number} */ limit) => {
    const first = Math.min(Math.max(Math.floor(start), 0), limit - 1);
    const last = Math.min(Math.max(Math.ceil(start + length / scale), first + 1), limit) - 1;
    return [first >> level, (last >> level) - (first >> level) + 1];
  };
  const [firstRow, rowsSeen] = span(top, rows, height);
  const [firstColumn, columnsSeen] = span(left, columns, width);
  return { level, top: firstRow, left: firstColumn, rows: rowsSeen, columns: columnsSeen };
}

/**
 * For each of `count` canvas pixels along one side the cell within the window, -1 outside the photo.
 * @param {number} count
 * @param {number} start photo pixel at the first canvas pixel
 * @param {number} scale canvas pixels to a photo pixel
 * @param {number} limit photo pixels along this side
 * @param {number} level
 * @param {number} first cell of the window
 * @param {number} cells of the window
 */
export function cellOf(count, start, scale, limit, level, first, cells) {
  return Int32Array.from({ length: count }, (_, pixel) => {
    const place = Math.floor(start + (pixel + 0.5) / scale);
    return place < 0 || place >= limit ? -1 : Math.min(Math.max((place >> level) - first, 0), cells - 1);
  });
}
