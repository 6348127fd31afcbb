// What Python gives the viewer and what it tells: patchcore_core/views/widgets/view.py and picture.py. Places are in
// photo pixels, (row, column) from the top left; addresses are of files on the server.

/**
 * @typedef {[low: number, high: number]} Range
 * @typedef {[top: number, left: number, bottom: number, right: number]} Box
 *
 * @typedef {object} Placing where an (H, W) map lies on the photo
 * @property {number} rows of the photo when resized
 * @property {number} columns
 * @property {number} top of the map within it
 * @property {number} left
 * @property {Box} seen photo pixels whose centre the network saw, bottom and right exclusive
 *
 * @typedef {object} Layer one run's anomaly map
 * @property {string} name
 * @property {string} values address of its scores
 * @property {boolean} half whether they are float16, else float32
 * @property {[rows: number, columns: number]} shape
 * @property {Placing} placing
 * @property {Range} limits of the colour scale
 * @property {Range} span of the threshold's slider
 * @property {string | null} good address of the table of good pixels' scores
 * @property {[row: number, column: number] | null} peak of the highest score
 * @property {string | null} least address of the scores with which a pixel is kept in the prediction
 *
 * @typedef {object} ViewerPicture
 * @property {string} id
 * @property {string} name
 * @property {number} height
 * @property {number} width
 * @property {string} photo
 * @property {string | null} truth
 * @property {Layer[]} layers one or two; none while the map is not known, or where there is none
 *
 * @typedef {object} View what a person chooses
 * @property {string[]} panes
 * @property {(number | null)[]} thresholds one a layer; null predicts nothing
 * @property {(Range | null)[]} limits one a layer; null: those of the layer
 * @property {number} opacity
 * @property {Box | null} box null: the whole photo
 * @property {boolean} truth_outline
 * @property {boolean} prediction_outline
 * @property {boolean} judged
 * @property {boolean} peak
 *
 * @typedef {object} Data
 * @property {string} label
 * @property {ViewerPicture} picture
 * @property {View} view
 * @property {number} serial of the view that Python heard last
 * @property {Record<string, string>} panes what a pane can show, and what that is called
 * @property {string} trimmed said of a prediction without its halo
 * @property {Record<string, string>} colours
 * @property {string} inferno 256 colours, 6 hexadecimal digits each
 * @property {string} follows key of an operating point, or ""
 * @property {string} channel
 * @property {boolean} [folded] whether the controls stand in one row, those of the map in a menu
 *
 * @typedef {{ view: View & { serial: number }, pixel: { row: number, column: number } }} Tells
 */
