// Which scores are kept where the halo of peaks is trimmed.

import { UNSEEN } from "./cells.js";
import { ScoreField } from "./score_field.js";

/**
 * The scores of a field without the halo of its peaks: UNSEEN where a pixel scores less than `least`, a field of the
 * same photo, asks for; the same pixels as kept_on_photo of patchcore_core/evaluation/trim.py. So a cell has the highest
 * score that is kept of its pixels, and what is predicted of it follows from a threshold as it does without trimming.
 */
export class KeptField extends ScoreField {
  #field;
  #least;
  #limits;

  /**
   * @param {ScoreField} field
   * @param {ScoreField} least
   */
  constructor(field, least) {
    super(field.values, field.shape, field.placing, field.height, field.width);
    this.#field = field;
    this.#least = least;
    this.#limits = new Float32Array(field.width);
  }

  /**
   * @override
   * @param {number} row
   * @param {number} left
   * @param {number} count
   * @param {Float32Array} out
   * @param {number} at
   */
  row(row, left, count, out, at) {
    const limits = this.#limits;
    this.#field.row(row, left, count, out, at);
    this.#least.row(row, left, count, limits, 0);
    for (let place = 0; place < count; place++) if (out[at + place] < limits[place]) out[at + place] = UNSEEN;
  }

  /**
   * @override
   * @param {number} row
   * @param {number} second
   * @param {Float32Array} cells
   * @param {number} start
   */
  highestOfTwo(row, second, cells, start) {
    this.#highestKept(row, cells, start);
    if (second !== row) this.#highestKept(second, cells, start);
  }

  /**
   * One photo row without a copy of it, rounded as it is in `row`.
   * @param {number} row
   * @param {Float32Array} cells
   * @param {number} start
   */
  #highestKept(row, cells, start) {
    const [across, asked] = [this.#field.across, this.#least.across];
    const [, from, , to] = this.placing.seen;
    const [[a, wa], [b, wb]] = this.twoLinesOf(row);
    for (let column = from; column < to; column++) {
      const score = Math.fround(across[a + column] * wa + across[b + column] * wb);
      const cell = start + (column >> 1);
      if (score <= cells[cell]) continue;
      if (score >= Math.fround(asked[a + column] * wa + asked[b + column] * wb)) cells[cell] = score;
    }
  }
}
