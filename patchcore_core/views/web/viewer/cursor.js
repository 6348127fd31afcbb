// The pixel that is pointed at, by mouse or by the cross of the keys, and what is said about it.

import { element } from "../lib/dom.js";
import { digits } from "../lib/numbers.js";
import { UNSEEN } from "./pixels/cells.js";
import { shareBelow } from "./pixels/standing.js";
/** @import { Camera, Pixel } from "./camera.js" */
/** @import { Content } from "./content.js" */
/** @import { Panes } from "./panes.js" */

const CROSS_STEP = 8; // screen pixels that the cross moves for each press, or one photo pixel where that is more

export class Cursor {
  readout = element("div", "readout");
  /** @type {Pixel | null} */
  pixel = null;
  /** @type {Pixel | null} the pixel that the keys have moved to */
  cross = null;
  /** @type {Content | null} */
  content = null;
  #camera;
  #panes;

  /**
   * @param {Camera} camera
   * @param {Panes} panes
   */
  constructor(camera, panes) {
    this.#camera = camera;
    this.#panes = panes;
  }

  /** Another picture is shown. */
  forget() {
    this.pixel = this.cross = null;
  }

  /**
   * @param {Pixel | null} pixel
   * @param {boolean} [spoken] whether screen readers say it
   */
  pointAt(pixel, spoken = false) {
    this.pixel = pixel;
    this.#panes.markPixel(pixel);
    this.readout.setAttribute("aria-live", spoken ? "polite" : "off");
    Object.assign(this.readout.dataset, { row: pixel?.row ?? "", column: pixel?.column ?? "" });
    const parts = pixel && this.content ? said(pixel, this.content, this.#panes.numbers(this.content.picture))
      : [element("span", "quiet", "Point at a pixel for its score; click it to choose it.")];
    this.readout.replaceChildren(...parts);
  }

  putAway() {
    this.cross = null;
    this.pointAt(null);
  }

  /** The pixel of the keys: that in the middle until the cross was moved. */
  underCross() {
    const { wide, high } = this.#camera.size;
    return this.cross ?? this.#camera.pixelAt(wide / 2, high / 2);
  }

  /**
   * Move the cross by so many steps.
   * @param {number} down
   * @param {number} across
   * @returns {[rows: number, columns: number]} how far the photo must move until it is seen
   */
  moveCross(down, across) {
    const { height, width } = this.#camera.photo;
    const step = Math.max(1, Math.round(CROSS_STEP / this.#camera.zoom));
    const from = this.underCross() ?? { row: 0, column: 0 };
    this.cross = { row: within(from.row + down * step, height), column: within(from.column + across * step, width) };
    return this.#camera.wayTo(this.cross);
  }
}

/**
 * @param {Pixel} pixel
 * @param {Content} content
 * @param {number[]} numbers of the layers in view
 */
function said(pixel, content, numbers) {
  const parts = [element("span", "", `row ${pixel.row}, column ${pixel.column}`)];
  for (const number of numbers) parts.push(scoreText(pixel, content, number, numbers.length > 1));
  const known = content.truth && (content.truth.at(pixel.row, pixel.column) ? "defect" : "good");
  if (known) parts.push(element("span", "", `${known} in the ground truth`));
  return parts;
}

/**
 * @param {Pixel} pixel
 * @param {Content} content
 * @param {number} number
 * @param {boolean} named
 */
function scoreText({ row, column }, { picture, fields, good }, number, named) {
  const score = fields[number].at(row, column);
  const made = element("span");
  if (named) made.append(element("bdi", "run", picture.layers[number].name), ": ");
  if (score === UNSEEN) {
    made.append("outside the crop: the network never saw it");
    return made;
  }
  const value = element("strong", "score", digits(score));
  Object.assign(value.dataset, { score, layer: number });
  made.append("score ", value);
  const share = shareBelow(score, good[number]);
  if (!Number.isNaN(share)) made.append(`, above ${share < 1 ? `${percent(share)} of` : "all"} good pixels`);
  return made;
}

/**
 * A share with as many digits as its distance from 100 % needs.
 * @param {number} share
 */
function percent(share) {
  const places = share > 0.999 ? 3 : share > 0.99 ? 2 : share > 0.9 ? 1 : 0;
  return `${(Math.floor(share * 100 * 10 ** places) / 10 ** places).toFixed(places)} %`;
}

/**
 * @param {number} place
 * @param {number} length
 */
const within = (place, length) => Math.min(Math.max(place, 0), length - 1);
