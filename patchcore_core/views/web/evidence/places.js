// Where patches lie on the photo.

/** @import { Box } from "../viewer/payload.js" */
/** @import { Cell, Image } from "./data.js" */

/**
 * The patch that a photo pixel lies in; null outside what the network saw.
 * @param {Image} image
 * @param {number} row
 * @param {number} column
 * @returns {Cell | null}
 */
export function cellAt({ grid: [rows, columns], seen: [top, left, bottom, right] }, row, column) {
  const down = Math.floor(((row - top) / (bottom - top)) * rows);
  const across = Math.floor(((column - left) / (right - left)) * columns);
  return down >= 0 && down < rows && across >= 0 && across < columns ? [down, across] : null;
}

/**
 * The part of the photo around a patch, so many patches high and wide.
 * @param {Image} image
 * @param {Cell} cell
 * @param {number} [cells]
 * @returns {Box}
 */
export function boxOf({ grid: [rows, columns], seen: [top, left, bottom, right] }, [row, column], cells = 1) {
  const [high, wide] = [(bottom - top) / rows, (right - left) / columns];
  const more = (cells - 1) / 2;
  return [top + (row - more) * high, left + (column - more) * wide, top + (row + 1 + more) * high,
    left + (column + 1 + more) * wide];
}

/**
 * The part of a box that lies on the photo.
 * @param {Box} box
 * @param {[height: number, width: number]} size
 * @returns {Box}
 */
export function within([top, left, bottom, right], [height, width]) {
  return [Math.max(0, top), Math.max(0, left), Math.min(height, bottom), Math.min(width, right)];
}

/**
 * The one of these patches that is nearest to another.
 * @param {Cell[]} cells
 * @param {Cell} cell
 */
export function nearestOf(cells, [row, column]) {
  const far = (/** @type {Cell} */ [down, across]) => (down - row) ** 2 + (across - column) ** 2;
  return cells.reduce((best, one) => (far(one) < far(best) ? one : best), cells[0]);
}
