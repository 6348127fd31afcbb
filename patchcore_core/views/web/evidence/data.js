// What the widget `evidence` is given, as patchcore_core/views/widgets/evidence.py makes it, and what it tells.

/** @import { Packed } from "../lib/numbers.js" */
/** @import { Box } from "../viewer/payload.js" */

/**
 * @typedef {[row: number, column: number]} Cell of the grid of patches
 *
 * @typedef {object} Image
 * @property {string} id another id is another photo
 * @property {[rows: number, columns: number]} grid
 * @property {[height: number, width: number]} size of the photo, pixels
 * @property {Box} seen the part of it that the grid covers
 * @property {string} photo its address
 * @property {Cell[]} peaks the hottest patches, the hottest first
 * @property {Packed} scores one a patch, row by row
 * @property {{ name: string, shares: Packed }[]} layers share of each in the squared distance of each patch
 * @property {Packed} resembles place in `images` for each patch, NaN where it is unknown
 * @property {Resembled[]} images
 * @property {string} inferno 256 colours, 6 hexadecimal digits each
 * @property {[name: string, value: string, meaning: string][]} receipt
 * @property {Group[]} variants
 * @property {string[]} notes
 * @property {Patch[]} patches some of them with their neighbours
 *
 * @typedef {object} Resembled a training photo, or all others together
 * @property {string} name
 * @property {string} address of a small picture, or ""
 * @property {string} colour
 * @property {number} share of the patches
 * @property {string} note what is to be said of its file, or ""
 *
 * @typedef {{ name: string, help: string, values: { label: string, score: string, used: boolean }[] }} Group scores with
 *   other values of one setting
 *
 * @typedef {object} Patch
 * @property {Cell} place
 * @property {number} k how many neighbours were asked for
 * @property {string} score
 * @property {string} standing where it lies among patches of good images, a sentence
 * @property {string} scale which image size it is of, or ""
 * @property {string} address of it with its surroundings
 * @property {Near[]} near the nearest first
 * @property {string} note
 *
 * @typedef {object} Near a patch of a good photo
 * @property {string} distance
 * @property {string} name of its photo, or ""
 * @property {string} place
 * @property {string} address of it with its surroundings, or ""
 * @property {string} note what is to be said of its photo's file, or ""
 *
 * @typedef {object} Data
 * @property {Image} image
 * @property {Patch[]} patches more of them
 * @property {boolean} asks whether other patches can be asked for by `wanted`
 * @property {boolean} keys whether S steps through the hottest patches wherever the focus is
 * @property {boolean} zooms whether `zoom` is heard
 * @property {string} zone what the thresholds make of the image, a few words, or ""
 * @property {string} error why the patch that was asked for cannot be had, or ""
 * @property {{ row: number, column: number, count: number } | null} [picked] a photo pixel that was clicked elsewhere;
 *   another `count` is another click
 *
 * @typedef {{ wanted: { row: number, column: number, k: number }, zoom: Box }} Tells `wanted`: a patch that is not
 *   among those given; `zoom`: to its surroundings
 */
