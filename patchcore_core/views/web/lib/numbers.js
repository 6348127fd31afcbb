// Numbers as Python packs them (packed.py beside this folder), where they lie among others, and how they are written.

/** @typedef {{ type: "f4" | "f8", base64: string }} Packed numbers: little-endian floats of 4 or 8 bytes */

/**
 * The numbers themselves, NaN and infinite ones included.
 * @param {Packed} packed
 */
export function numbers({ type, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return type === "f4" ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}

/**
 * Numbers as Python packs them.
 * @param {ArrayLike<number>} values
 * @returns {Packed}
 */
export function packed(values) {
  const bytes = new Uint8Array(Float64Array.from(values).buffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { type: "f8", base64: btoa(text) };
}

/**
 * Index of the first of the ascending numbers that is >= value; their count where none is.
 * @param {ArrayLike<number>} ascending
 * @param {number} value
 */
export function firstFrom(ascending, value) {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A score in five digits, as score_text of patchcore_core/views/text.py; a dash where there is none.
 * @param {number} value
 */
export function digits(value) {
  return Number.isNaN(value) ? "—" : value.toPrecision(5);
}

/**
 * A whole number with its thousands apart.
 * @param {number} count
 */
export function grouped(count) {
  return count.toLocaleString("en-US");
}

/**
 * A number in three digits at most: 12.3K, 4.56M.
 * @param {number} count
 */
export function compact(count) {
  return Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 }).format(count);
}

/**
 * A number typed by a person, with a comma or a point; NaN where it is none.
 * @param {string} typed
 */
export function typedNumber(typed) {
  const value = typed.trim() ? Number(typed.trim().replace(",", ".")) : NaN;
  return Number.isFinite(value) ? value : NaN;
}
