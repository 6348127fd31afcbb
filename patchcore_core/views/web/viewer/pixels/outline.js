// The outline of a mask.

/** @import { Frame, LevelWindow } from "./cells.js" */

const CASING = 0xa0000000; // 0xAABBGGRR

/**
 * The sides of cells where the mask begins or ends, as (top, left, bottom, right) in canvas pixels, four to a side.
 * @param {Uint8Array} mask
 * @param {LevelWindow} window
 * @param {Frame} frame
 */
export function boundaries(mask, window, { top, left, scale }) {
  const size = 2 ** window.level;
  const y = (/** @type {number} */ row) => Math.round(((window.top + row) * size - top) * scale);
  const x = (/** @type {number} */ column) => Math.round(((window.left + column) * size - left) * scale);
  const sides = [];
  for (let row = 0; row < window.rows; row++) {
    const start = row * window.columns;
    for (let column = 0; column < window.columns; column++) {
      const here = mask[start + column];
      if (column + 1 < window.columns && mask[start + column + 1] !== here) {
        sides.push(y(row), x(column + 1), y(row + 1), x(column + 1));
      }
      if (row + 1 < window.rows && mask[start + window.columns + column] !== here) {
        sides.push(y(row + 1), x(column), y(row + 1), x(column + 1));
      }
    }
  }
  return sides;
}

/**
 * Lines `2 * reach` canvas pixels wide along these sides, in a darker casing so that they show on bright photos too.
 * @param {number[]} sides
 * @param {number} colour 0xAABBGGRR
 * @param {number} reach
 * @param {Uint32Array} out (high * wide) canvas pixels
 * @param {number} wide
 * @param {number} high
 */
export function drawOutline(sides, colour, reach, out, wide, high) {
  for (const [grown, ink] of [[reach + 1, CASING], [reach, colour]]) {
    for (let at = 0; at < sides.length; at += 4) {
      const from = Math.max(0, sides[at + 1] - grown);
      const to = Math.min(wide, sides[at + 3] + grown);
      const end = Math.min(high, sides[at + 2] + grown);
      for (let row = Math.max(0, sides[at] - grown); row < end; row++) {
        for (let place = row * wide + from; place < row * wide + to; place++) out[place] = ink;
      }
    }
  }
}
