// Pillow's bilinear filter (Resample.c, precompute_coeffs), in double precision. Shrinking widens it, as Pillow does.

/**
 * @typedef {object} Taps for each output the first input and its weights, `width` to an output
 * @property {Int32Array} first
 * @property {Float64Array} weights
 * @property {number} width
 *
 * @typedef {{ first: number, weights: number[] }} Tap of one output
 */

/**
 * The filter from `size` samples to `wanted`.
 * @param {number} size
 * @param {number} wanted
 * @returns {Taps}
 */
export function filterTaps(size, wanted) {
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

/**
 * @param {number} first
 * @param {number[]} weights
 * @returns {Tap}
 */
function withoutZeros(first, weights) {
  const start = weights.findIndex((weight) => weight > 0);
  const end = weights.findLastIndex((weight) => weight > 0);
  return { first: first + start, weights: weights.slice(start, end + 1) };
}

/** @param {Tap[]} lists */
function flatTaps(lists) {
  const width = Math.max(...lists.map(({ weights }) => weights.length));
  const flat = { first: new Int32Array(lists.length), weights: new Float64Array(lists.length * width), width };
  lists.forEach(({ first, weights }, place) => {
    flat.first[place] = first;
    flat.weights.set(weights, place * width);
  });
  return flat;
}
