// The photo with what is known of each patch painted over it, and the marks of the hottest ones.

import { contextOf, element } from "../lib/dom.js";
import { numbers } from "../lib/numbers.js";
import { boxOf } from "./places.js";
/** @import { Box } from "../viewer/payload.js" */
/** @import { Cell, Image } from "./data.js" */

const OVER = 0.62; // opacity of what is painted over the photo
const CHOSEN = "#56B4E9";

/** @typedef {{ name: string, words: string }} Look a way to paint: "photo", "resembles" or the number of a layer */

/**
 * The ways to paint a photo.
 * @param {Image} image
 * @returns {Look[]}
 */
export function looksOf({ images, layers }) {
  const shares = layers.map(({ name }, number) => ({ name: String(number), words: `share of ${name}` }));
  return [{ name: "photo", words: "photo" }, ...(images.length ? [{ name: "resembles", words: "most similar photo" }] : []),
    ...(layers.length > 1 ? shares : [])];
}

export class Overlay {
  root = element("canvas", "overlay");
  #photo = element("img");
  #address = "";
  /** @type {() => void} */
  #again = () => {};

  constructor() {
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "img");
    this.#photo.onload = () => this.#again();
  }

  /**
   * @param {Image} image
   * @param {string} look
   * @param {Cell} chosen
   */
  show(image, look, chosen) {
    this.#again = () => this.#paint(image, look, chosen);
    if (image.photo !== this.#address) {
      this.#address = image.photo;
      this.#photo.src = image.photo;
    } else if (this.#photo.complete) this.#again();
  }

  /**
   * The pixel of the photo under the pointer.
   * @param {Image} image
   * @param {MouseEvent} event
   */
  pixelAt({ size: [height, width] }, event) {
    const { left, top, width: wide, height: high } = this.root.getBoundingClientRect();
    return { row: ((event.clientY - top) / high) * height, column: ((event.clientX - left) / wide) * width };
  }

  /**
   * @param {Image} image
   * @param {string} look
   * @param {Cell} chosen
   */
  #paint(image, look, chosen) {
    const [height, width] = image.size;
    const scale = Math.min(1, 640 / Math.max(height, width)) || 1;
    const { root } = this;
    Object.assign(root, { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
    const context = contextOf(root);
    if (this.#photo.naturalWidth) context.drawImage(this.#photo, 0, 0, root.width, root.height);
    const colour = colours(image, look);
    const [rows, columns] = image.grid;
    context.globalAlpha = OVER;
    for (let place = 0; colour && place < rows * columns; place++) {
      context.fillStyle = colour(place);
      context.fillRect(...rectangle(boxOf(image, [Math.floor(place / columns), place % columns]), scale));
    }
    context.globalAlpha = 1;
    const line = Math.max(2, root.width / 240);
    image.peaks.forEach((peak, number) => mark(context, boxOf(image, peak), scale, line, number + 1));
    Object.assign(context, { lineWidth: line, strokeStyle: CHOSEN });
    context.strokeRect(...rectangle(boxOf(image, chosen, 3), scale));
  }
}

/**
 * The colour of each patch; null for the bare photo.
 * @param {Image} image
 * @param {string} look
 * @returns {((place: number) => string) | null}
 */
function colours({ resembles, images, layers, inferno }, look) {
  if (look === "resembles") {
    const places = numbers(resembles);
    return (place) => images[places[place]]?.colour ?? "transparent";
  }
  const layer = layers[Number(look)];
  if (!layer || look === "") return null;
  const shares = numbers(layer.shares);
  return (place) => {
    const level = Math.round(255 * Math.min(1, Math.max(0, shares[place])));
    return `#${inferno.slice(6 * level, 6 * level + 6)}`;
  };
}

/**
 * A number beside a patch.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {number} scale
 * @param {number} line
 * @param {number} number
 */
function mark(context, box, scale, line, number) {
  const [x, y, wide, high] = rectangle(box, scale);
  const size = 6 * line;
  Object.assign(context, { font: `600 ${size}px sans-serif`, textAlign: "center", textBaseline: "middle",
    lineWidth: line * 1.5, strokeStyle: "#000", fillStyle: "#fff" });
  context.strokeText(String(number), x + wide / 2, y + high / 2);
  context.fillText(String(number), x + wide / 2, y + high / 2);
}

/**
 * @param {Box} box
 * @param {number} scale
 * @returns {[x: number, y: number, wide: number, high: number]}
 */
function rectangle([top, left, bottom, right], scale) {
  return [left * scale, top * scale, (right - left) * scale, (bottom - top) * scale];
}
