// Parts of the file become addresses that the widgets fetch, and maps their numbers again (views/widgets/picture.py).

/** @import { ViewerPicture } from "../viewer/payload.js" */
/** @import { PackedPicture, Part } from "./data.js" */

/** The parts of the file, by their places. */
export class Parts {
  #texts;
  /** @type {Map<Part, string>} */
  #addresses = new Map();

  /** @param {string[]} texts */
  constructor(texts) {
    this.#texts = texts;
  }

  /** @param {Part} part */
  bytes(part) {
    return Uint8Array.from(atob(this.#texts[part]), (letter) => letter.charCodeAt(0));
  }

  /**
   * The address of a part in this page.
   * @param {Part} part
   * @param {string} [type]
   */
  address(part, type = "application/octet-stream") {
    const known = this.#addresses.get(part) ?? URL.createObjectURL(new Blob([this.bytes(part)], { type }));
    this.#addresses.set(part, known);
    return known;
  }

  /**
   * The picture as the viewer takes it.
   * @param {PackedPicture} packed
   * @returns {Promise<ViewerPicture>}
   */
  async picture(packed) {
    const layers = await Promise.all(packed.layers.map(async (layer) => ({
      ...layer, values: URL.createObjectURL(new Blob([await mapOf(this.bytes(layer.values), layer)])),
      least: layer.least === null ? null : this.address(layer.least),
    })));
    const truth = packed.truth === null ? null : this.address(packed.truth);
    return { ...packed, layers, photo: this.address(packed.photo, "image/jpeg"), truth };
  }
}

/**
 * The numbers of a map, little-endian: bits of float16, or float32.
 * @param {Uint8Array<ArrayBuffer>} content
 * @param {{ half: boolean, shape: [rows: number, columns: number] }} layer
 * @returns {Promise<ArrayBuffer>}
 */
export async function mapOf(content, { half, shape: [, columns] }) {
  const planes = await inflated(content);
  return half ? summed(new Uint8Array(planes), columns).buffer : planes;
}

/**
 * The sums along rows and columns of second differences whose signs are folded; all of it modulo 65536.
 * @param {Uint8Array} planes low bytes, then high ones
 * @param {number} columns
 */
function summed(planes, columns) {
  const count = planes.length / 2;
  const bits = new Uint16Array(count);
  for (let place = 0, row = 0; place < count; place++) {
    const folded = planes[place] | (planes[place + count] << 8);
    row = place % columns === 0 ? 0 : row;
    row += (folded >>> 1) ^ -(folded & 1);
    bits[place] = row; // so far along the row
  }
  for (let place = columns; place < count; place++) bits[place] += bits[place - columns];
  return bits;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
