// Colours of cells, as the 0xAABBGGRR that a Uint32Array over ImageData holds, and their way onto a canvas.

import { UNSEEN } from "./cells.js";
/** @import { CellWindow } from "./cells.js" */

export const CLEAR = 0;

const OPAQUE_FROM = 0.35; // as in patchcore_core/views/overlay.py
const DIMMED = 0xaa000000; // two thirds black
const FILL = 0.85; // opacity of painted masks

/**
 * "#RRGGBB" and an opacity as one number.
 * @param {string} colour
 * @param {number} opacity
 */
export function packed(colour, opacity) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return ((Math.round(opacity * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * The colour of a painted mask.
 * @param {string} colour
 */
export const maskColour = (colour) => packed(colour, FILL);

/**
 * 256 colours of the heat map, transparent at the low end.
 * @param {string} inferno 256 colours, 6 hexadecimal digits each
 * @param {number} opacity
 */
export function heatTable(inferno, opacity) {
  return Uint32Array.from({ length: 256 }, (_, step) =>
    packed(`#${inferno.slice(6 * step, 6 * step + 6)}`, opacity * Math.min(1, step / 255 / OPAQUE_FROM)));
}

/**
 * The colours of scores between two limits; dimmed where the network saw nothing.
 * @param {Float32Array} scores
 * @param {[low: number, high: number]} limits
 * @param {Uint32Array} table
 * @param {Uint32Array} out
 */
export function paintHeat(scores, [low, high], table, out) {
  const steps = 255 / (high - low);
  for (let cell = 0; cell < scores.length; cell++) {
    const score = scores[cell];
    if (score === UNSEEN) out[cell] = DIMMED;
    else out[cell] = table[Math.min(Math.max((score - low) * steps, 0), 255) | 0];
  }
}

/**
 * The colour of each cell of a mask, table[mask], or of two, table[mask + 2 * truth]; dimmed where it would be clear and
 * the scores say that the network saw nothing.
 * @param {Uint8Array} mask
 * @param {Uint8Array | null} truth
 * @param {Float32Array | null} scores
 * @param {number[]} table
 * @param {Uint32Array} out
 */
export function paintMask(mask, truth, scores, table, out) {
  for (let cell = 0; cell < mask.length; cell++) {
    const colour = table[mask[cell] + (truth ? 2 * truth[cell] : 0)];
    out[cell] = colour === CLEAR && scores && scores[cell] === UNSEEN ? DIMMED : colour;
  }
}

/**
 * 1 for each cell that scores at least the threshold, else 0.
 * @param {Float32Array} scores
 * @param {number} threshold NaN predicts nothing
 * @param {Uint8Array} out
 */
export function predictedCells(scores, threshold, out) {
  for (let cell = 0; cell < scores.length; cell++) out[cell] = scores[cell] >= threshold ? 1 : 0;
}

/**
 * Cells to canvas pixels; `rows` and `columns` say which cell each of them shows, -1 none.
 * @param {Uint32Array} cells
 * @param {CellWindow} window
 * @param {Int32Array} rows
 * @param {Int32Array} columns
 * @param {Uint32Array} out
 */
export function spread(cells, window, rows, columns, out) {
  const wide = columns.length;
  for (let y = 0; y < rows.length; y++) {
    const start = y * wide;
    if (rows[y] < 0) out.fill(CLEAR, start, start + wide);
    else if (y > 0 && rows[y] === rows[y - 1]) out.copyWithin(start, start - wide, start);
    else {
      const from = rows[y] * window.columns;
      for (let x = 0; x < wide; x++) out[start + x] = columns[x] < 0 ? CLEAR : cells[from + columns[x]];
    }
  }
}
