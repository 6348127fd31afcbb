// @ts-nocheck
// The arithmetic of the viewer, without any page: an anomaly map at the photo's resolution, masks, and the colours of
// a pane. Everything is in photo pixels (row, column); a *cell* is a block of 2^level x 2^level of them, so that what
// is drawn never has more cells than the screen has pixels. A cell has the highest score of its pixels and is truth
// where one of them is: nothing small vanishes when zoomed out, and at level 0 a cell is a pixel of the photo.

export const UNSEEN = -Infinity; // the score of what the network did not see
const OPAQUE_FROM = 0.35; // as in patchcore_core/views/overlay.py
export const FILL = 0.85; // opacity of painted masks
export const CLEAR = 0;
const DIMMED = 0xaa000000; // two thirds black, as 0xAABBGGRR
const CASING = 0xa0000000;

// Pillow's bilinear filter from `size` samples to `wanted` (Resample.c, precompute_coeffs): for each output the first
// input and `width` weights, in double precision. Shrinking widens the filter, as Pillow does.
function filterTaps(size, wanted) {
  const scale = size / wanted;
  const support = Math.max(scale, 1);
  const lists = [];
  for (let place = 0; place < wanted; place++) {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(size, Math.trunc(centre + support + 0.5));
    const weights = [];
    let sum = 0;
    for (let at = first; at < end; at++) {
      weights.push(Math.max(0, 1 - Math.abs((at - centre + 0.5) * (1 / support))));
      sum += weights[weights.length - 1];
    }
    lists.push(withoutZeros(first, weights.map((weight) => weight / sum)));
  }
  return flatTaps(lists);
}

function withoutZeros(first, weights) {
  const start = weights.findIndex((weight) => weight > 0);
  const end = weights.findLastIndex((weight) => weight > 0);
  return { first: first + start, weights: weights.slice(start, end + 1) };
}

function flatTaps(lists) {
  const width = Math.max(...lists.map(({ weights }) => weights.length));
  const flat = { first: new Int32Array(lists.length), weights: new Float64Array(lists.length * width), width };
  lists.forEach(({ first, weights }, place) => {
    flat.first[place] = first;
    flat.weights.set(weights, place * width);
  });
  return flat;
}

// (H * W) float32 from the bytes of a little-endian float16 or float32 array.
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

// The shape of a level: how many cells cover the photo.
export const cellsAlong = (length, level) => Math.ceil(length / 2 ** level);

// One anomaly map laid on a photo of `height` x `width`, the same numbers as Transform.to_photo of
// patchcore_core/data/transforms.py: stretched, or padded by its edge around the crop, then Pillow's bilinear filter
// with a float32 between the passes. `shape` is [rows, columns] of the map, `placing` viewer_data.Placing.
export class ScoreField {
  constructor(values, [rows, columns], placing, height, width) {
    Object.assign(this, { values, rows, columns, placing, height, width, levels: [] });
    this.down = filterTaps(placing.rows, height);
    this.rightwards = filterTaps(placing.columns, width);
  }

  // (rows, width) float32: every row of the map after the horizontal pass, made once.
  get across() {
    return (this.made ??= this.resampleRows());
  }

  resampleRows() {
    const { values, rows, columns, width, placing, rightwards } = this;
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

  // Scores of one photo row from `left` on into `out`, from place `at`, `count` of them.
  row(row, left, count, out, at) {
    const [top, start, bottom, end] = this.placing.seen;
    out.fill(UNSEEN, at, at + count);
    if (row < top || row >= bottom) return;
    const from = Math.max(left, start);
    const to = Math.min(left + count, end);
    const lines = this.linesOf(row);
    if (lines.length === 2) this.mixTwo(lines, from, to, out, at - left);
    else this.mix(lines, from, to, out, at - left);
  }

  // Which lines of `across` a photo row is mixed from, as places of their first value, and their weights.
  linesOf(row) {
    const { first, weights, width: taps } = this.down;
    return Array.from({ length: taps }, (_, tap) => {
      const line = Math.min(Math.max(first[row] + tap - this.placing.top, 0), this.rows - 1);
      return [line * this.width, weights[row * taps + tap]];
    });
  }

  mixTwo([[one, share], [two, rest]], from, to, out, shift) {
    const across = this.across;
    for (let column = from; column < to; column++) {
      out[column + shift] = across[one + column] * share + across[two + column] * rest;
    }
  }

  mix(lines, from, to, out, shift) {
    const across = this.across;
    for (let column = from; column < to; column++) {
      let sum = 0;
      for (const [line, weight] of lines) sum += across[line + column] * weight;
      out[column + shift] = sum;
    }
  }

  // The score of one photo pixel.
  at(row, column) {
    const one = new Float32Array(1);
    this.row(row, column, 1, one, 0);
    return one[0];
  }

  // All cells of a level above 0, (rows * columns) float32, made once: level 1 from the pixels, others from the last.
  level(level) {
    return (this.levels[level] ??= level === 1 ? this.firstLevel() : this.nextLevel(level));
  }

  firstLevel() {
    const columns = cellsAlong(this.width, 1);
    const cells = new Float32Array(cellsAlong(this.height, 1) * columns).fill(UNSEEN);
    const [top, , bottom] = this.placing.seen;
    const line = new Float32Array(this.width);
    for (let row = top; row < bottom; row++) {
      const second = Math.min(row | 1, bottom - 1);
      if (this.down.width <= 2) this.highestOfTwo(row, second, cells, (row >> 1) * columns);
      else for (const one of new Set([row, second])) this.highest(one, line, cells, (row >> 1) * columns);
      row = second;
    }
    return cells;
  }

  highest(row, line, cells, start) {
    this.row(row, 0, this.width, line, 0);
    for (let column = 0; column < this.width; column++) {
      if (line[column] > cells[start + (column >> 1)]) cells[start + (column >> 1)] = line[column];
    }
  }

  // Two photo rows at once, without a copy of them; rounding to float32 does not change which one is highest.
  highestOfTwo(row, second, cells, start) {
    const across = this.across;
    const [, from, , to] = this.placing.seen;
    const [[a, wa], [b, wb] = [0, 0]] = this.linesOf(row);
    const [[c, wc], [d, wd] = [0, 0]] = this.linesOf(second);
    for (let column = from; column < to; column++) {
      const one = across[a + column] * wa + across[b + column] * wb;
      const two = across[c + column] * wc + across[d + column] * wd;
      const high = one > two ? one : two;
      const cell = start + (column >> 1);
      if (high > cells[cell]) cells[cell] = high;
    }
  }

  nextLevel(level) {
    return shrink(this.level(level - 1), this.height, this.width, level, new Float32Array(0), UNSEEN);
  }

  // The cells of a level within a window of cells, into `out` (window.rows * window.columns) float32.
  fill(out, level, window) {
    if (level === 0) {
      for (let row = 0; row < window.rows; row++) {
        this.row(window.top + row, window.left, window.columns, out, row * window.columns);
      }
    } else copyWindow(this.level(level), cellsAlong(this.width, level), window, out);
    return out;
  }
}

// The scores of a field without the halo of its peaks: UNSEEN where a pixel scores less than `least`, a field of the
// same photo, asks for; the same pixels as kept_on_photo of patchcore_core/evaluation/trim.py. So a cell has the highest
// score that is kept of its pixels, and what is predicted of it follows from a threshold as it does without trimming.
export class KeptField extends ScoreField {
  constructor(field, least) {
    super(field.values, [field.rows, field.columns], field.placing, field.height, field.width);
    Object.assign(this, { field, least, limits: new Float32Array(field.width) });
  }

  row(row, left, count, out, at) {
    this.field.row(row, left, count, out, at);
    this.least.row(row, left, count, this.limits, 0);
    for (let place = 0; place < count; place++) if (out[at + place] < this.limits[place]) out[at + place] = UNSEEN;
  }

  firstLevel() {
    const columns = cellsAlong(this.width, 1);
    const cells = new Float32Array(cellsAlong(this.height, 1) * columns).fill(UNSEEN);
    const [top, , bottom] = this.placing.seen;
    const line = new Float32Array(this.width);
    for (let row = top; row < bottom; row++) {
      if (this.down.width <= 2) this.highestKept(row, cells, (row >> 1) * columns);
      else this.highest(row, line, cells, (row >> 1) * columns);
    }
    return cells;
  }

  // As `highest` without a copy of the row, rounded as it is there.
  highestKept(row, cells, start) {
    const [across, asked] = [this.field.across, this.least.across];
    const [, from, , to] = this.placing.seen;
    const [[a, wa], [b, wb] = [0, 0]] = this.linesOf(row);
    for (let column = from; column < to; column++) {
      const score = Math.fround(across[a + column] * wa + across[b + column] * wb);
      const cell = start + (column >> 1);
      if (score <= cells[cell]) continue;
      if (score >= Math.fround(asked[a + column] * wa + asked[b + column] * wb)) cells[cell] = score;
    }
  }
}

// The highest of each 2 x 2 of the cells of level - 1.
function shrink(finer, height, width, level, { constructor: Kind }, lowest) {
  const [fineRows, fineColumns] = [cellsAlong(height, level - 1), cellsAlong(width, level - 1)];
  const columns = cellsAlong(width, level);
  const cells = new Kind(cellsAlong(height, level) * columns).fill(lowest);
  for (let row = 0; row < fineRows; row++) {
    const start = (row >> 1) * columns;
    for (let column = 0; column < fineColumns; column++) {
      const value = finer[row * fineColumns + column];
      if (value > cells[start + (column >> 1)]) cells[start + (column >> 1)] = value;
    }
  }
  return cells;
}

function copyWindow(cells, columns, window, out) {
  for (let row = 0; row < window.rows; row++) {
    const start = (window.top + row) * columns + window.left;
    out.set(cells.subarray(start, start + window.columns), row * window.columns);
  }
}

// A mask of the photo as packed bits, row after row without gaps, highest bit first (numpy.packbits).
export class Mask {
  constructor(buffer, height, width) {
    Object.assign(this, { bits: new Uint8Array(buffer), height, width, levels: [] });
  }

  at(row, column) {
    const place = row * this.width + column;
    return (this.bits[place >> 3] >> (7 - (place & 7))) & 1;
  }

  level(level) {
    return (this.levels[level] ??= level === 1 ? this.firstLevel() : this.nextLevel(level));
  }

  firstLevel() {
    const columns = cellsAlong(this.width, 1);
    const cells = new Uint8Array(cellsAlong(this.height, 1) * columns);
    for (let byte = 0; byte < this.bits.length; byte++) {
      if (this.bits[byte] === 0) continue;
      for (let bit = 0; bit < 8; bit++) {
        if (!(this.bits[byte] & (128 >> bit))) continue;
        const place = byte * 8 + bit;
        const row = Math.floor(place / this.width);
        cells[(row >> 1) * columns + ((place - row * this.width) >> 1)] = 1;
      }
    }
    return cells;
  }

  nextLevel(level) {
    return shrink(this.level(level - 1), this.height, this.width, level, new Uint8Array(0), 0);
  }

  fill(out, level, window) {
    if (level === 0) {
      for (let row = 0; row < window.rows; row++) {
        for (let column = 0; column < window.columns; column++) {
          out[row * window.columns + column] = this.at(window.top + row, window.left + column);
        }
      }
    } else copyWindow(this.level(level), cellsAlong(this.width, level), window, out);
    return out;
  }
}

// What of the photo a canvas of `columns` x `rows` pixels shows: `scale` canvas pixels to a photo pixel, `top` and
// `left` in photo pixels at its corner. The level is the first whose cells are at least one canvas pixel wide.
export function windowOf({ top, left, scale, rows, columns }, height, width) {
  const level = Math.max(0, Math.ceil(Math.log2(1 / scale) - 1e-9));
  const span = (start, length, limit) => {
    const first = Math.min(Math.max(Math.floor(start), 0), limit - 1);
    const last = Math.min(Math.max(Math.ceil(start + length / scale), first + 1), limit) - 1;
    return [first >> level, (last >> level) - (first >> level) + 1];
  };
  const [firstRow, rowsSeen] = span(top, rows, height);
  const [firstColumn, columnsSeen] = span(left, columns, width);
  return { level, top: firstRow, left: firstColumn, rows: rowsSeen, columns: columnsSeen };
}

// For each of `count` canvas pixels along one side the cell within the window, -1 outside the photo.
export function cellOf(count, start, scale, limit, level, first, cells) {
  return Int32Array.from({ length: count }, (_, pixel) => {
    const place = Math.floor(start + (pixel + 0.5) / scale);
    return place < 0 || place >= limit ? -1 : Math.min(Math.max((place >> level) - first, 0), cells - 1);
  });
}

// "#RRGGBB" and an opacity as the 0xAABBGGRR that a Uint32Array over ImageData holds.
export function packed(colour, opacity) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return ((Math.round(opacity * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

// 256 colours of the heat map, transparent at the low end.
export function heatTable(inferno, opacity) {
  return Uint32Array.from({ length: 256 }, (_, step) =>
    packed(`#${inferno.slice(6 * step, 6 * step + 6)}`, opacity * Math.min(1, step / 255 / OPAQUE_FROM)));
}

export function paintHeat(scores, [low, high], table, out) {
  const steps = 255 / (high - low);
  for (let cell = 0; cell < scores.length; cell++) {
    const score = scores[cell];
    if (score === UNSEEN) out[cell] = DIMMED;
    else out[cell] = table[Math.min(Math.max((score - low) * steps, 0), 255) | 0];
  }
}

export function predictedCells(scores, threshold, out) {
  for (let cell = 0; cell < scores.length; cell++) out[cell] = scores[cell] >= threshold ? 1 : 0;
}

// table[2 * truth + predicted]: the colour of each cell.
export function paintJudged(truth, found, scores, table, out) {
  for (let cell = 0; cell < found.length; cell++) {
    const colour = table[2 * (truth ? truth[cell] : 0) + found[cell]];
    out[cell] = colour === CLEAR && scores[cell] === UNSEEN ? DIMMED : colour;
  }
}

export function paintMask(mask, colour, out) {
  for (let cell = 0; cell < mask.length; cell++) out[cell] = mask[cell] ? colour : CLEAR;
}

// Cells to canvas pixels; `rows` and `columns` say which cell each of them shows.
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

// The sides of cells where the mask begins or ends, as (top, left, bottom, right) in canvas pixels, four to a side.
export function boundaries(mask, window, { top, left, scale }) {
  const size = 2 ** window.level;
  const y = (row) => Math.round(((window.top + row) * size - top) * scale);
  const x = (column) => Math.round(((window.left + column) * size - left) * scale);
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

// Lines `2 * reach` canvas pixels wide along these sides, in a darker casing so that they show on bright photos too.
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

// The share of good pixels below this score, from scores in ascending order and their shares; NaN without a table.
export function shareBelow(score, good) {
  if (!good) return NaN;
  const { scores, shares } = good;
  if (score <= scores[0]) return shares[0];
  const above = scores.findIndex((value) => value >= score);
  if (above < 0) return shares[shares.length - 1];
  const part = (score - scores[above - 1]) / (scores[above] - scores[above - 1]);
  return shares[above - 1] + part * (shares[above] - shares[above - 1]);
}
