// The handles under a person's hand: dragged by a pointer, moved by keys.

import { withModifier } from "../lib/keys.js";
import { firstFrom } from "../lib/numbers.js";
import { toScore, toX } from "./axis.js";
import { flush, move, release, standing } from "./moving.js";
/** @import { Drag, Handle, Moving } from "./state.js" */

const SNAP = 6; // pixels
const REST_MS = 350; // keys at rest
const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "Escape"];

/**
 * Let this element be dragged.
 * @param {Moving} state
 * @param {HTMLElement} held
 * @param {() => Handle | "both"} which is dragged then
 */
export function draggable(state, held, which) {
  held.onpointerdown = (event) => grab(state, event, held, which());
  held.onpointermove = (event) => drag(state, event);
  held.onpointerup = (event) => drop(state, event.pointerId, true);
  held.onpointercancel = (event) => drop(state, event.pointerId, false);
}

/**
 * @param {Moving} state
 * @param {PointerEvent} event
 * @param {HTMLElement} held
 * @param {Handle | "both"} which
 */
function grab(state, event, held, which) {
  if (event.button !== 0 || state.drag) return;
  event.preventDefault();
  flush(state);
  const from = standing(state);
  const offset = toX(state.axis, which === "high" ? from.high : from.low) - pointerX(state, event);
  state.parts.flags[which === "high" || !state.data.zone ? "high" : "low"].focus({ preventScroll: true });
  held.setPointerCapture(event.pointerId);
  state.drag = { pointer: event.pointerId, which, from, offset };
  state.root.classList.add("dragging");
}

/**
 * @param {Moving} state
 * @param {PointerEvent} event
 */
function drag(state, event) {
  if (state.drag?.pointer !== event.pointerId) return;
  const { which, from, offset } = state.drag;
  const x = pointerX(state, event) + offset;
  move(state, which, event.altKey ? scoreAt(state, x) : snapped(state, x, state.drag), from);
}

/**
 * @param {Moving} state
 * @param {number} pointer its id
 * @param {boolean} kept whether the handles stay where they are
 */
function drop(state, pointer, kept) {
  if (state.drag?.pointer !== pointer) return;
  const { from } = state.drag;
  state.drag = null;
  state.root.classList.remove("dragging");
  if (kept) release(state, from);
  else move(state, "low", from.low, from);
}

/**
 * @param {Moving} state
 * @param {PointerEvent} event
 */
function pointerX(state, event) {
  return event.clientX - state.parts.plot.getBoundingClientRect().left;
}

/**
 * @param {Moving} state
 * @param {number} x
 */
function scoreAt({ axis, classes }, x) {
  return toScore(axis, classes[0].edges, x);
}

/**
 * The named threshold or the other handle, where one is near; else the score there.
 * @param {Moving} state
 * @param {number} x
 * @param {Drag} drag
 */
function snapped(state, x, { which, from }) {
  const other = which === "low" ? [from.high] : which === "high" ? [from.low] : [];
  const near = [...state.data.named.map(({ value }) => value), ...other]
    .map((value) => ({ value, far: Math.abs(toX(state.axis, value) - x) }))
    .filter(({ far }) => far <= SNAP)
    .sort((one, two) => one.far - two.far);
  return near.length ? near[0].value : scoreAt(state, x);
}

/**
 * @param {Moving} state
 * @param {KeyboardEvent} event
 * @param {Handle} which
 * @param {boolean} [both] whether the other one is moved too
 */
export function press(state, event, which, both = event.shiftKey) {
  const { key } = event;
  if (!KEYS.includes(key) || withModifier(event)) return;
  event.preventDefault();
  event.stopPropagation();
  if (state.drag) {
    if (key === "Escape") drop(state, state.drag.pointer, false);
    return;
  }
  if (key === "Escape") return;
  if (!state.resting.runs) state.before = standing(state);
  move(state, both ? "both" : which, stepped(state, key, state[which]));
  state.resting.set(REST_MS, () => release(state, state.before));
}

/**
 * Where a key moves a handle from a score: a pixel, to the next name, or to an end of the axis.
 * @param {Moving} state
 * @param {string} key
 * @param {number} value
 */
function stepped(state, key, value) {
  const { axis, data, classes: [{ edges }] } = state;
  const named = data.named.map((entry) => entry.value).sort((one, two) => one - two);
  if (key === "Home") return scoreAt(state, axis.side);
  if (key === "End") return scoreAt(state, axis.side + axis.width);
  if (key === "PageUp") return named.find((other) => other > value) ?? value;
  if (key === "PageDown") return named.findLast((other) => other < value) ?? value;
  const sign = key === "ArrowLeft" || key === "ArrowDown" ? -1 : 1;
  const next = scoreAt(state, toX(axis, value) + sign);
  if (!edges || next !== value) return next;
  const here = firstFrom(edges, value); // bins wider than a pixel: to the next edge
  return edges[Math.min(Math.max(here + sign, 0), edges.length - 1)];
}
