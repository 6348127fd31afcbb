// Where the cards are: in rows below each other, or in one strip.

/** @import { Data } from "./state.js" */

const GAP = 6; // pixels between cards
const NARROWEST = 104; // pixels, of a card
const TEXT = 3.1; // rem, below the picture
const BEYOND = 1; // rows or columns drawn beyond what is seen

/**
 * @typedef {object} Grid
 * @property {boolean} strip
 * @property {number} count of cards
 * @property {number} columns
 * @property {number} rows
 * @property {number} width pixels, of a card
 * @property {number} height
 * @property {number} perPage rows, in a strip columns, that are seen at once
 */

/**
 * @param {HTMLElement} root
 * @param {Data} data
 * @returns {Grid}
 */
export function gridOf(root, { layout, ids }) {
  const text = TEXT * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const strip = layout === "strip";
  const wide = Math.max(root.clientWidth - 2 * GAP, NARROWEST);
  const columns = strip ? Math.max(ids.length, 1) : Math.max(1, Math.floor((wide + GAP) / (NARROWEST + GAP)));
  const width = strip ? NARROWEST : (wide + GAP) / columns - GAP;
  const height = width + text;
  const perPage = strip ? Math.floor(wide / (width + GAP)) : Math.floor(root.clientHeight / (height + GAP));
  return { strip, count: ids.length, columns, rows: Math.ceil(ids.length / columns), width, height, perPage };
}

/**
 * Left and top of a card, in pixels.
 * @param {Grid} grid
 * @param {number} place
 */
export function spot({ columns, width, height }, place) {
  const column = place % columns;
  return { x: GAP + column * (width + GAP), y: GAP + ((place - column) / columns) * (height + GAP) };
}

/**
 * The places in view.
 * @param {Grid} grid
 * @param {HTMLElement} root
 */
export function placesInView({ strip, count, columns, width, height }, root) {
  const [from, size, step] = strip
    ? [root.scrollLeft, root.clientWidth, width + GAP]
    : [root.scrollTop, root.clientHeight, height + GAP];
  const lines = strip ? 1 : columns;
  const first = Math.max(0, Math.floor((from - GAP) / step) - BEYOND) * lines;
  const end = Math.min(count, (Math.ceil((from + size - GAP) / step) + BEYOND) * lines);
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
}

/**
 * Scroll until a card is in view: in the middle, or no further than needed.
 * @param {Grid} grid
 * @param {HTMLElement} root
 * @param {number} place
 * @param {"middle" | "near"} how
 */
export function reveal(grid, root, place, how) {
  const { x, y } = spot(grid, place);
  /** @type {["scrollLeft" | "scrollTop", number, number, number]} */
  const [name, size, from, length] = grid.strip
    ? ["scrollLeft", root.clientWidth, x, grid.width]
    : ["scrollTop", root.clientHeight, y, grid.height];
  const now = root[name];
  if (how === "middle") root[name] = from - (size - length) / 2;
  else if (from - GAP < now) root[name] = from - GAP;
  else if (from + length + GAP > now + size) root[name] = from + length + GAP - size;
}

/**
 * Make the sheet large enough for all cards.
 * @param {Grid} grid
 * @param {HTMLElement} sheet
 */
export function stretch({ strip, columns, rows, width, height }, sheet) {
  sheet.style.width = strip ? `${GAP + columns * (width + GAP)}px` : "100%";
  sheet.style.height = `${GAP + rows * (height + GAP)}px`;
}

/**
 * The place that a key leads to, undefined for a key that leads nowhere.
 * @param {Grid} grid
 * @param {string} key
 * @param {number} active place, -1 for none
 */
export function placeByKey({ strip, count, columns, perPage }, key, active) {
  const last = count - 1;
  const down = strip ? 1 : columns;
  const page = Math.max(1, perPage) * down;
  /** @type {Record<string, number>} */
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: down, ArrowUp: -down, PageDown: page, PageUp: -page };
  if (last < 0) return undefined;
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (!(key in steps)) return undefined;
  if (active < 0) return 0;
  const place = active + steps[key];
  if (key.startsWith("Page")) return Math.min(Math.max(place, 0), last);
  return place >= 0 && place <= last ? place : active;
}
