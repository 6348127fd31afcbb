// Mouse, fingers and keys on a stage: they zoom and move the photo, point at a pixel and pick it.

import { takesText, withModifier } from "../lib/keys.js";
/** @import { Camera } from "./camera.js" */
/** @import { Cursor } from "./cursor.js" */
/** @import { Store } from "./store.js" */

export const ZOOM_STEP = 1.25;
const KEY_STEP = 0.12; // of the view, for each press of an arrow key
const ZOOM_KEYS = ["+", "=", "-", "_", "0"];
const CLICK_SLOP = 4; // screen pixels a click may move
/** @type {Record<string, Point>} rows and columns */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * @typedef {[number, number]} Point
 * @typedef {{ at: Point, from: Point, dragged: boolean }} Pointer
 *
 * @typedef {object} Moves of the photo, which Python is told
 * @property {(factor: number, x?: number, y?: number) => void} zoomBy
 * @property {(rows: number, columns: number) => void} moveBy
 * @property {() => void} whole
 */

export class Gestures {
  /** @type {Map<number, Pointer>} that are down */
  #pointers = new Map();
  #pinched = false;
  #store;
  #camera;
  #cursor;
  #moves;

  /**
   * @param {Store} store
   * @param {Camera} camera
   * @param {Cursor} cursor
   * @param {Moves} moves
   */
  constructor(store, camera, cursor, moves) {
    this.#store = store;
    this.#camera = camera;
    this.#cursor = cursor;
    this.#moves = moves;
  }

  /** @param {HTMLElement} stage */
  listen(stage) {
    stage.addEventListener("wheel", (event) => this.#onWheel(stage, event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.#onDown(stage, event));
    stage.addEventListener("pointermove", (event) => this.#onMove(stage, event));
    stage.addEventListener("pointerup", (event) => this.#onUp(stage, event, true));
    stage.addEventListener("pointercancel", (event) => this.#onUp(stage, event, false));
    stage.addEventListener("pointerleave", () => this.#cursor.pointAt(null));
    stage.addEventListener("keydown", (event) => this.#onKey(event));
    stage.addEventListener("blur", () => this.#cursor.putAway());
  }

  /**
   * The page scrolls where there is nothing left to zoom out of.
   * @param {HTMLElement} stage
   * @param {WheelEvent} event
   */
  #onWheel(stage, event) {
    if (event.deltaY > 0 && this.#camera.isWhole() && !event.ctrlKey) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    const at = spot(stage, event);
    this.#moves.zoomBy(2 ** ((-event.deltaY * lines) / (event.ctrlKey ? 100 : 300)), ...at);
    this.#cursor.pointAt(this.#camera.pixelAt(...at));
  }

  /**
   * @param {HTMLElement} stage
   * @param {PointerEvent} event
   */
  #onDown(stage, event) {
    if (event.button !== 0) return;
    this.#cursor.cross = null;
    stage.setPointerCapture(event.pointerId);
    stage.focus({ preventScroll: true, focusVisible: false });
    this.#pointers.set(event.pointerId, { at: spot(stage, event), from: spot(stage, event), dragged: false });
    if (this.#pointers.size > 1) this.#pinched = true;
  }

  /**
   * @param {HTMLElement} stage
   * @param {PointerEvent} event
   */
  #onMove(stage, event) {
    const at = spot(stage, event);
    this.#cursor.cross = null;
    const pointer = this.#pointers.get(event.pointerId);
    if (!pointer) {
      this.#cursor.pointAt(this.#camera.pixelAt(...at));
      return;
    }
    const other = [...this.#pointers.values()].find((one) => one !== pointer);
    if (other) this.#pinch(other.at, pointer.at, at);
    else if (pointer.dragged || distance(pointer.from, at) > CLICK_SLOP) {
      pointer.dragged = true;
      this.#drag(pointer.at, at);
    } else return;
    pointer.at = at;
  }

  /**
   * @param {Point} before
   * @param {Point} now
   */
  #drag(before, now) {
    const { zoom } = this.#camera;
    this.#moves.moveBy((before[1] - now[1]) / zoom, (before[0] - now[0]) / zoom);
    this.#cursor.pointAt(this.#camera.pixelAt(...now));
  }

  /**
   * One finger rests at `still` while another moves: the photo stays under both.
   * @param {Point} still
   * @param {Point} before
   * @param {Point} now
   */
  #pinch(still, before, now) {
    this.#moves.zoomBy(distance(still, now) / Math.max(1, distance(still, before)), ...middle(still, before));
    this.#drag(middle(still, before), middle(still, now));
  }

  /**
   * @param {HTMLElement} stage
   * @param {PointerEvent} event
   * @param {boolean} released else the browser took it away
   */
  #onUp(stage, event, released) {
    const pointer = this.#pointers.get(event.pointerId);
    this.#pointers.delete(event.pointerId);
    const click = pointer && released && !pointer.dragged && !this.#pinched;
    if (click) this.#store.pick(this.#camera.pixelAt(...spot(stage, event)));
    if (!this.#pointers.size) this.#pinched = false;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (withModifier(event) || !this.#press(event.key, event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") this.#cursor.putAway();
    else this.#cursor.pointAt(this.#cursor.underCross(), true);
  }

  /**
   * Zoom by key, wherever the focus is.
   * @param {KeyboardEvent} event
   */
  onPageKey(event) {
    if (event.defaultPrevented || withModifier(event) || takesText(event) || !ZOOM_KEYS.includes(event.key)) return;
    event.preventDefault();
    this.#press(event.key, event.shiftKey);
  }

  /**
   * Do what a key asks for; whether it means anything here.
   * @param {string} key
   * @param {boolean} shift
   */
  #press(key, shift) {
    if (key in ARROWS && shift) this.#moveCross(ARROWS[key]);
    else if (key in ARROWS && !this.#camera.isWhole()) this.#move(ARROWS[key]);
    else if (key === "+" || key === "=") this.#zoomAtCross(ZOOM_STEP);
    else if (key === "-" || key === "_") this.#zoomAtCross(1 / ZOOM_STEP);
    else if (key === "0") this.#moves.whole();
    else if (key === "Enter") this.#store.pick(this.#cursor.underCross());
    else return key === "Escape" && this.#cursor.cross !== null;
    return true;
  }

  /** @param {Point} way */
  #move([down, across]) {
    const { zoom, size: { wide, high } } = this.#camera;
    this.#cursor.cross = null;
    this.#moves.moveBy(((down * KEY_STEP) / zoom) * high, ((across * KEY_STEP) / zoom) * wide);
  }

  /** @param {Point} way */
  #moveCross(way) {
    const [rows, columns] = this.#cursor.moveCross(...way);
    if (rows || columns) this.#moves.moveBy(rows, columns);
  }

  /** @param {number} factor */
  #zoomAtCross(factor) {
    const { cross } = this.#cursor;
    if (cross) this.#moves.zoomBy(factor, ...this.#camera.pointOf(cross.row + 0.5, cross.column + 0.5));
    else this.#moves.zoomBy(factor);
  }
}

/**
 * Where on the stage it happened, in screen pixels from its corner.
 * @param {HTMLElement} stage
 * @param {MouseEvent} event
 * @returns {Point}
 */
function spot(stage, event) {
  const { left, top } = stage.getBoundingClientRect();
  return [event.clientX - left - stage.clientLeft, event.clientY - top - stage.clientTop];
}

/**
 * @param {Point} one
 * @param {Point} other
 */
const distance = ([x, y], [u, v]) => Math.hypot(x - u, y - v);

/**
 * @param {Point} one
 * @param {Point} other
 * @returns {Point}
 */
const middle = ([x, y], [u, v]) => [(x + u) / 2, (y + v) / 2];
