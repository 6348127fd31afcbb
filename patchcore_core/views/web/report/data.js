// What Python gives the widget `report`, as patchcore_core/exports/report has it. Binary parts are base64.

/** @import { Costs, Screen } from "../present/data.js" */
/** @import { Data as Curves } from "../curves/curves.js" */
/** @import { Data as Gallery } from "../gallery/state.js" */
/** @import { Data as Point } from "../operating_point/state.js" */
/** @import { Data as Tally } from "../tally/tally.js" */
/** @import { Data as Viewer, Layer, ViewerPicture } from "../viewer/payload.js" */

/**
 * @typedef {number} Part its place among the parts
 * @typedef {Omit<Layer, "values" | "least"> & { values: Part, least: Part | null }} PackedLayer
 * @typedef {Omit<ViewerPicture, "photo" | "truth" | "layers"> & { photo: Part, truth: Part | null,
 *   layers: PackedLayer[] }} PackedPicture
 *
 * @typedef {object} Explored one run
 * @property {string} name
 * @property {number} images that were tested
 * @property {number} gone images whose photo could not be read
 * @property {Point | null} point
 * @property {Tally | null} tally
 * @property {Curves} curves
 * @property {Gallery} gallery of the pictures that are here
 * @property {Omit<Viewer, "picture">} viewer
 * @property {PackedPicture[]} pictures
 * @property {Part[]} thumbnails
 *
 * @typedef {object} Data
 * @property {Screen[]} screens
 * @property {Costs} costs
 * @property {Explored[]} explored
 * @property {string[]} parts base64
 * @property {Record<string, string>} styles CSS of the widgets, by name
 * @property {string} made what is said at the end: when, with what
 */
