// A mask of the photo.

import { Levels } from "./cells.js";
/** @import { CellWindow } from "./cells.js" */

/** Packed bits, row after row without gaps, highest bit first (numpy.packbits). */
export class Mask {
  #levels;

  /**
   * @param {ArrayBuffer} buffer
   * @param {number} height
   * @param {number} width
   */
  constructor(buffer, height, width) {
    this.bits = new Uint8Array(buffer);
    this.width = width;
    const empty = (/** @type {number} */ count) => /** @type {Uint8Array} */ (new Uint8Array(count));
    this.#levels = new Levels(height, width, empty, (cells, columns) => this.#firstLevel(cells, columns));
  }

  /**
   * 1 where the photo pixel is in the mask, else 0.
   * @param {number} row
   * @param {number} column
   */
  at(row, column) {
    const place = row * this.width + column;
    return (this.bits[place >> 3] >> (7 - (place & 7))) & 1;
  }

  /**
   * The cells of a level within a window of them, into `out`: 1 where one of their pixels is in the mask.
   * @param {Uint8Array} out window.rows * window.columns
   * @param {number} level
   * @param {CellWindow} window
   */
  fill(out, level, window) {
    if (level > 0) return this.#levels.fill(out, level, window);
    for (let row = 0; row < window.rows; row++) {
      for (let column = 0; column < window.columns; column++) {
        out[row * window.columns + column] = this.at(window.top + row, window.left + column);
      }
    }
    return out;
  }

  /**
   * @param {Uint8Array} cells
   * @param {number} columns
   */
  #firstLevel(cells, columns) {
    for (let byte = 0; byte < this.bits.length; byte++) {
      if (this.bits[byte] === 0) continue;
      for (let bit = 0; bit < 8; bit++) {
        if (!(this.bits[byte] & (128 >> bit))) continue;
        const place = byte * 8 + bit;
        const row = Math.floor(place / this.width);
        cells[(row >> 1) * columns + ((place - row * this.width) >> 1)] = 1;
      }
    }
  }
}
