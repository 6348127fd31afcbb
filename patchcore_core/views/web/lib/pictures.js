// Addresses of a run's pictures on the server, the same as in pages/ui/media/address.py.

/**
 * @typedef {"thumbnail" | "photo" | "truth" | "map" | "least"} Kind
 *
 * @typedef {object} Pictures those of a run's test images, or of its training images
 * @property {string} base where they lie: "/pictures/RUN/test", "/pictures/RUN/training"
 * @property {string[]} keys one an image: it changes with the files, so what stands at an address never does
 *
 * @typedef {object} Wanted of an image
 * @property {string} [beside] a second run, whose map is wanted too, or ""
 * @property {boolean} [map] of a training image: its map, which is computed
 */

/**
 * The address of one picture of the image with this number (its row in the run's table).
 * @param {Pictures} pictures
 * @param {number} number
 * @param {Kind} kind
 */
export function pictureAddress({ base, keys }, number, kind) {
  return `${base}/${number}/${keys[number]}/${kind}`;
}

/**
 * The address of what is known of an image: JSON, the viewer's `ViewerPicture` and what is to be said of the files.
 * @param {Pictures} pictures
 * @param {number} number
 * @param {Wanted} [wanted]
 */
export function aboutAddress({ base }, number, { beside = "", map = false } = {}) {
  return `${base}/${number}/about${map ? "?map=1" : beside && `?beside=${encodeURIComponent(beside)}`}`;
}
