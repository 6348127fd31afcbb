// The rows of a memory bank as points of a plane. The pointer, or the arrow keys, find the nearest row; beside the plane
// stand its patch and what is known of it, and the other rows of its training photo are marked.

import { element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { grouped, numbers } from "../lib/numbers.js";
import { Patches } from "./patches_kept.js";
import { draw, nearest, Plane } from "./plane.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */

/**
 * @typedef {object} Data columns have one entry a row
 * @property {Packed} places x and y of each row in turn
 * @property {Packed} shades from 0 to 1 along the palette; NaN: none
 * @property {string[]} palette colours
 * @property {string} none colour of rows without a shade
 * @property {Packed | null} origins training photo, row and column of the patch grid of each row in turn
 * @property {Packed | null} uses how many test patches use each row
 * @property {string[]} photos names
 * @property {string} label
 * @property {string} album what the rows belong to
 * @property {string} channel
 * @property {number} height pixels
 *
 * @typedef {{}} Tells
 */

const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10 };

/** @type {Mount<Data, Tells>} */
export const mount = widget("bank_map", (root, _emit, life, first) => {
  const canvas = element("canvas"), picture = element("img", "patch"), words = element("div", "words");
  const beside = element("aside", "beside", picture, words);
  const patches = new Patches(life.timer());
  /** @type {Shown} */
  const shown = { data: first, plane: new Plane([], []), origins: [], uses: [], at: -1 };
  canvas.tabIndex = 0;
  root.append(canvas, beside);
  const drawSoon = life.eachFrame(() => draw(canvas, shown.plane, shown.at, ownRows(shown)));
  const look = (/** @type {number} */ row) => {
    if (row === shown.at) return;
    shown.at = row;
    tell(shown, patches, picture, words);
    drawSoon();
  };
  life.watchSize(canvas, drawSoon);
  life.hear("patches", ({ album, patches: come }) => {
    if (album !== shown.data.album) return;
    patches.take(come);
    tell(shown, patches, picture, words);
  });
  life.atEnd(() => patches.forgetAll());
  life.listen(canvas, "pointermove", (event) => look(nearest(canvas, shown.plane, event.offsetX, event.offsetY)));
  life.listen(canvas, "keydown", (event) => {
    const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    if (step === undefined) return;
    event.preventDefault();
    look(Math.min(Math.max(shown.at + step, 0), shown.plane.count - 1));
  });
  return (data) => {
    if (data.album !== shown.data.album) patches.forgetAll();
    take(shown, data);
    canvas.setAttribute("aria-label", data.label);
    canvas.setAttribute("role", "application");
    root.style.setProperty("--height", `${data.height}px`);
    tell(shown, patches, picture, words);
    drawSoon();
  };
});

/**
 * What is shown now.
 * @typedef {object} Shown
 * @property {Data} data
 * @property {Plane} plane
 * @property {ArrayLike<number>} origins
 * @property {ArrayLike<number>} uses
 * @property {number} at the row looked at, -1: none
 */

/**
 * @param {Shown} shown
 * @param {Data} data
 */
function take(shown, data) {
  const shades = numbers(data.shades), last = data.palette.length - 1;
  const colours = Array.from(shades, (shade) => (Number.isNaN(shade) ? data.none : data.palette[Math.round(shade * last)]));
  Object.assign(shown, {
    data, plane: new Plane(numbers(data.places), colours),
    origins: data.origins ? numbers(data.origins) : [], uses: data.uses ? numbers(data.uses) : [],
  });
  if (shown.at >= shown.plane.count) shown.at = -1;
}

/**
 * The rows of the same training photo as the one looked at.
 * @param {Shown} shown
 */
function ownRows({ origins, at, plane }) {
  const own = [];
  if (at < 0 || !origins.length) return [];
  for (let row = 0; row < plane.count; row++) if (origins[3 * row] === origins[3 * at]) own.push(row);
  return own;
}

/**
 * @param {Shown} shown
 * @param {Patches} patches
 * @param {HTMLImageElement} picture
 * @param {HTMLElement} words
 */
function tell({ data, plane, origins, uses, at }, patches, picture, words) {
  const id = String(at), address = patches.address(id), lines = [];
  if (at < 0) {
    picture.hidden = true;
    words.replaceChildren(element("p", "quiet", "Point at a row to see its patch."));
    return;
  }
  if (origins.length) {
    lines.push(element("p", "name", data.photos[origins[3 * at]]));
    lines.push(element("p", "", `patch in row ${origins[3 * at + 1] + 1}, column ${origins[3 * at + 2] + 1}`));
    if (address === undefined) patches.askSoon(data.channel, id);
  }
  lines.push(element("p", "", `chosen as number ${grouped(at + 1)} of ${grouped(plane.count)}`));
  if (uses.length) {
    lines.push(element("p", "", uses[at] ? `near ${grouped(uses[at])} test patches` : "near no test patch"));
  }
  const note = patches.note(id);
  if (note) lines.push(element("p", "note", note));
  picture.hidden = !address;
  if (address && picture.src !== address) picture.src = address;
  picture.alt = "the patch on its training photo";
  words.replaceChildren(...lines);
}
