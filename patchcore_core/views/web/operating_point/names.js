// The named thresholds: a button each above the plot, and a tick through it.

import { button, shape } from "../lib/dom.js";
import { SIDE, toX } from "./axis.js";
/** @import { State } from "./state.js" */

export const ROW = 18; // pixels, of names
const ROWS = 3; // at most

/**
 * Lay the names out in as many rows as needed; one without room keeps its tick and its title. Gives the number of rows
 * and, for the scores whose names are there, the row.
 * @param {State} state
 * @returns {{ rows: number, rowOf: Map<number, number> }}
 */
export function layNames({ parts: { names }, axis, data, choose }) {
  /** @type {number[]} */
  const ends = [];
  const rowOf = new Map();
  const right = 2 * SIDE + axis.width;
  names.replaceChildren();
  for (const { label, value, help } of [...data.named].sort((one, two) => one.value - two.value)) {
    const made = button(label, () => choose(value), { name: "name", title: `${label}\n${help}`.trim() });
    made.tabIndex = -1;
    names.append(made);
    const x = Math.max(0, Math.min(toX(axis, value) - 4, right - made.offsetWidth));
    const row = freeRow(ends, x);
    if (row < 0) {
      made.remove();
      continue;
    }
    ends[row] = x + made.offsetWidth + 4;
    made.style.transform = `translate(${x}px, ${row * ROW}px)`;
    rowOf.set(value, row);
  }
  return { rows: ends.length, rowOf };
}

/**
 * The first row that ends before x, or a new one; -1 where there are enough.
 * @param {number[]} ends
 * @param {number} x
 */
function freeRow(ends, x) {
  const row = ends.findIndex((end) => end < x);
  if (row >= 0) return row;
  return ends.length < ROWS ? ends.length : -1;
}

/**
 * A tick at each name, from below its row to the bottom.
 * @param {State} state
 * @param {{ rows: number, rowOf: Map<number, number> }} laid
 * @param {number} bottom
 */
export function nameTicks({ data, axis }, { rows, rowOf }, bottom) {
  return data.named.map(({ value, label }) => {
    const row = rowOf.get(value);
    const top = row === undefined ? rows * ROW : (row + 1) * ROW - 2;
    const tick = shape("path", { class: "named", d: `M${toX(axis, value)} ${top}V${bottom}` });
    const title = shape("title");
    title.textContent = label;
    tick.append(title);
    return tick;
  });
}
