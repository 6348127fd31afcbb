// An anomaly map at the photo's resolution, the same numbers as in Python to the bit. Places are photo pixels,
// (row, column).

import { Levels, UNSEEN } from "./cells.js";
import { filterTaps } from "./filter.js";
/** @import { Placing } from "../payload.js" */
/** @import { CellWindow } from "./cells.js" */

/** @typedef {[start: number, weight: number]} Line where a row of the map begins, and its weight in a photo row */

/**
 * (H * W) float32 from the bytes of a little-endian float16 or float32 array.
 * @param {ArrayBuffer} buffer
 * @param {boolean} half
 */
export function readScores(buffer, half) {
  if (!half) return new Float32Array(buffer);
  const halves = new Uint16Array(buffer);
  const bits = new Uint32Array(halves.length);
  const scores = new Float32Array(bits.buffer);
  for (let at = 0; at < halves.length; at++) {
    const value = halves[at];
    if (value & 0x7c00) bits[at] = ((value & 0x8000) << 16) | (((value & 0x7fff) << 13) + 0x38000000);
    else scores[at] = (value & 0x8000 ? -1 : 1) * (value & 0x3ff) * 2 ** -24; // below the normal range
  }
  return scores;
}

/**
 * One anomaly map laid on a photo of `height` x `width`, the same numbers as Transform.to_photo of
 * patchcore_core/data/transforms.py: stretched, or padded by its edge around the crop, then Pillow's bilinear filter
 * with a float32 between the passes.
 */
export class ScoreField {
  /** @type {Float32Array | undefined} */
  #across;

  /**
   * @param {Float32Array} values
   * @param {[rows: number, columns: number]} shape of the map
   * @param {Placing} placing
   * @param {number} height
   * @param {number} width
   */
  constructor(values, shape, placing, height, width) {
    this.values = values;
    this.shape = shape;
    this.placing = placing;
    this.height = height;
    this.width = width;
    this.down = filterTaps(placing.rows, height);
    this.rightwards = filterTaps(placing.columns, width);
    const empty = (/** @type {number} */ count) => /** @type {Float32Array} */ (new Float32Array(count).fill(UNSEEN));
    this.levels = new Levels(height, width, empty, (cells, columns) => this.firstLevel(cells, columns));
  }

  /** (rows, width) float32: every row of the map after the horizontal pass, made once. */
  get across() {
    return (this.#across ??= this.#resampleRows());
  }

  #resampleRows() {
    const { values, shape: [rows, columns], width, placing, rightwards } = this;
    const { first, weights, width: count } = rightwards;
    const across = new Float32Array(rows * width);
    const from = Int32Array.from({ length: width * count }, (_, at) => {
      const place = first[Math.floor(at / count)] + (at % count);
      return Math.min(Math.max(place - placing.left, 0), columns - 1);
    });
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < width; column++) {
        let sum = 0;
        const end = (column + 1) * count;
        for (let at = column * count; at < end; at++) sum += values[row * columns + from[at]] * weights[at];
        across[row * width + column] = sum;
      }
    }
    return across;
  }

  /**
   * Scores of one photo row from `left` on into `out`, from place `at`, `count` of them.
   * @param {number} row
   * @param {number} left
   * @param {number} count
   * @param {Float32Array} out
   * @param {number} at
   */
  row(row, left, count, out, at) {
    const [top, start, bottom, end] = this.placing.seen;
    out.fill(UNSEEN, at, at + count);
    if (row < top || row >= bottom) return;
    const from = Math.max(left, start);
    const to = Math.min(left + count, end);
    mix(this.across, this.linesOf(row), from, to, out, at - left);
  }

  /**
   * What a photo row is mixed from.
   * @param {number} row
   * @returns {Line[]}
   */
  linesOf(row) {
    const { first, weights, width: taps } = this.down;
    return Array.from({ length: taps }, (_, tap) => {
      const line = Math.min(Math.max(first[row] + tap - this.placing.top, 0), this.shape[0] - 1);
      return [line * this.width, weights[row * taps + tap]];
    });
  }

  /**
   * The two lines of a photo row of a map that is not shrunk, one of them with no weight where there is only one.
   * @param {number} row
   * @returns {[Line, Line]}
   */
  twoLinesOf(row) {
    const [one, two = [0, 0]] = this.linesOf(row);
    return [one, two];
  }

  /**
   * The score of one photo pixel.
   * @param {number} row
   * @param {number} column
   */
  at(row, column) {
    const one = new Float32Array(1);
    this.row(row, column, 1, one, 0);
    return one[0];
  }

  /**
   * The cells of a level within a window of them, into `out`: the highest score of their pixels.
   * @param {Float32Array} out window.rows * window.columns
   * @param {number} level
   * @param {CellWindow} window
   */
  fill(out, level, window) {
    if (level > 0) return this.levels.fill(out, level, window);
    for (let row = 0; row < window.rows; row++) {
      this.row(window.top + row, window.left, window.columns, out, row * window.columns);
    }
    return out;
  }

  /**
   * @param {Float32Array} cells
   * @param {number} columns
   */
  firstLevel(cells, columns) {
    const [top, , bottom] = this.placing.seen;
    const line = new Float32Array(this.width);
    for (let row = top; row < bottom; row++) {
      const second = Math.min(row | 1, bottom - 1);
      const start = (row >> 1) * columns;
      if (this.down.width <= 2) this.highestOfTwo(row, second, cells, start);
      else for (const one of new Set([row, second])) this.#highest(one, line, cells, start);
      row = second;
    }
  }

  /**
   * @param {number} row
   * @param {Float32Array} line room for the row
   * @param {Float32Array} cells
   * @param {number} start
   */
  #highest(row, line, cells, start) {
    this.row(row, 0, this.width, line, 0);
    for (let column = 0; column < this.width; column++) {
      if (line[column] > cells[start + (column >> 1)]) cells[start + (column >> 1)] = line[column];
    }
  }

  /**
   * Two photo rows at once, without a copy of them; rounding to float32 does not change which one is highest.
   * @param {number} row
   * @param {number} second may be the same
   * @param {Float32Array} cells
   * @param {number} start
   */
  highestOfTwo(row, second, cells, start) {
    const across = this.across;
    const [, from, , to] = this.placing.seen;
    const [[a, wa], [b, wb]] = this.twoLinesOf(row);
    const [[c, wc], [d, wd]] = this.twoLinesOf(second);
    for (let column = from; column < to; column++) {
      const one = across[a + column] * wa + across[b + column] * wb;
      const two = across[c + column] * wc + across[d + column] * wd;
      const high = one > two ? one : two;
      const cell = start + (column >> 1);
      if (high > cells[cell]) cells[cell] = high;
    }
  }
}

/**
 * Weighted lines of `across` into `out`, from column `from` to `to`, `shift` places further on.
 * @param {Float32Array} across
 * @param {Line[]} lines
 * @param {number} from
 * @param {number} to
 * @param {Float32Array} out
 * @param {number} shift
 */
function mix(across, lines, from, to, out, shift) {
  if (lines.length === 2) {
    const [[one, share], [two, rest]] = lines;
    for (let column = from; column < to; column++) {
      out[column + shift] = across[one + column] * share + across[two + column] * rest;
    }
    return;
  }
  for (let column = from; column < to; column++) {
    let sum = 0;
    for (const [line, weight] of lines) sum += across[line + column] * weight;
    out[column + shift] = sum;
  }
}
