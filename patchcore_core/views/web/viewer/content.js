// What a picture is made of, read from the server's answers: its photo, its truth, and the map of each layer.

import { contextOf } from "../lib/dom.js";
import { KeptField } from "./pixels/kept_field.js";
import { Mask } from "./pixels/mask.js";
import { readScores, ScoreField } from "./pixels/score_field.js";
/** @import { Layer, ViewerPicture } from "./payload.js" */
/** @import { Standing } from "./pixels/standing.js" */

const SMALL = 512; // pixels; a photo of which no side is longer is not halved

/**
 * @typedef {[ImageBitmap, ...HTMLCanvasElement[]]} Photo and its halves, each the mean of 2 x 2 pixels of the last
 *
 * @typedef {object} Content
 * @property {ViewerPicture} picture
 * @property {Photo} photo
 * @property {Mask | null} truth
 * @property {ScoreField[]} fields one a layer
 * @property {ScoreField[]} kept what is predicted from, one a layer
 * @property {(Standing | null)[]} good one a layer
 */

/**
 * @template T
 * @typedef {object} Part one file, read
 * @property {string} name of its address and the shapes it is read for: photos of different shapes may share a file
 * @property {() => Promise<T>} read
 */

/** @param {ViewerPicture} picture */
export function partsOf({ photo, truth, layers, height, width }) {
  return {
    photo: part(photo, readPhoto),
    truth: truth === null ? null : part(truth, readMask, height, width),
    layers: layers.map((layer) => layerParts(layer, height, width)),
  };
}

/**
 * @param {Layer} layer
 * @param {number} height
 * @param {number} width
 */
function layerParts({ values, half, shape, placing, good, least }, height, width) {
  return {
    values: part(values, readField, half, shape, placing, height, width),
    good: good === null ? null : part(good, readStanding),
    least: least === null ? null : part(least, readLeast, shape, placing, height, width),
  };
}

/**
 * @template T
 * @template {unknown[]} S
 * @param {string} address
 * @param {(answer: Response, ...shape: S) => Promise<T>} read
 * @param {S} shape
 * @returns {Part<T>}
 */
function part(address, read, ...shape) {
  const name = JSON.stringify([address, ...shape]);
  return { name, read: async () => read(await fetched(address), ...shape) };
}

/** @param {string} address */
async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer;
}

/**
 * @param {Response} answer
 * @returns {Promise<Photo>}
 */
async function readPhoto(answer) {
  const photo = await createImageBitmap(await answer.blob());
  /** @type {HTMLCanvasElement[]} */
  const halves = [];
  for (let last = sizeOf(photo); last > SMALL; last = sizeOf(halves[halves.length - 1])) {
    halves.push(half(halves.at(-1) ?? photo));
  }
  return [photo, ...halves];
}

/** @param {{ width: number, height: number }} picture */
const sizeOf = ({ width, height }) => Math.max(width, height);

/** @param {ImageBitmap | HTMLCanvasElement} picture */
function half(picture) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width / 2));
  canvas.height = Math.max(1, Math.round(picture.height / 2));
  contextOf(canvas).drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * @param {Response} answer
 * @param {number} height
 * @param {number} width
 */
async function readMask(answer, height, width) {
  return new Mask(await unpacked(answer), height, width);
}

/**
 * @param {Response} answer
 * @param {Layer["shape"]} shape
 * @param {Layer["placing"]} placing
 * @param {number} height
 * @param {number} width
 */
async function readLeast(answer, shape, placing, height, width) {
  return new ScoreField(readScores(await unpacked(answer), false), shape, placing, height, width);
}

/**
 * @param {Response} answer
 * @param {boolean} half
 * @param {Layer["shape"]} shape
 * @param {Layer["placing"]} placing
 * @param {number} height
 * @param {number} width
 */
async function readField(answer, half, shape, placing, height, width) {
  return new ScoreField(readScores(await answer.arrayBuffer(), half), shape, placing, height, width);
}

/**
 * @param {Response} answer
 * @returns {Promise<Standing>}
 */
async function readStanding(answer) {
  const values = new Float64Array(await answer.arrayBuffer());
  return { scores: values.subarray(0, values.length / 2), shares: values.subarray(values.length / 2) };
}

/** @param {Response} answer */
function unpacked(answer) {
  const body = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (answer.body);
  return new Response(body.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
}

/** @type {WeakMap<ScoreField, { least: ScoreField, kept: KeptField }>} made once for a map and what is kept of it */
const keptFields = new WeakMap();

/**
 * The field that is predicted from.
 * @param {ScoreField} field
 * @param {ScoreField | null} least
 */
export function keptOf(field, least) {
  if (!least) return field;
  const known = keptFields.get(field);
  if (known?.least === least) return known.kept;
  const kept = new KeptField(field, least);
  keptFields.set(field, { least, kept });
  return kept;
}
