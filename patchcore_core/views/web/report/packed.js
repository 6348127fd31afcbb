// Numbers as Python packs them.

/** @import { Packed } from "../lib/numbers.js" */

/**
 * @param {number[]} values
 * @returns {Packed}
 */
export function packed(values) {
  const bytes = new Uint8Array(new Float64Array(values).buffer);
  return { type: "f8", base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
}
