// Moving the thresholds: what is counted elsewhere hears of every move, Python of each that has come to an end.

import { say } from "../lib/events.js";
import { typedNumber } from "../lib/numbers.js";
import { written } from "./axis.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Handle, Moving, Thresholds } from "./state.js" */

/**
 * Where the handles stand.
 * @param {Thresholds} state
 * @returns {Thresholds}
 */
export function standing({ low, high }) {
  return { low, high };
}

/**
 * Move a handle, which pushes the other one along rather than passing it.
 * @param {Moving} state
 * @param {Handle | "both"} which
 * @param {number} value
 * @param {Thresholds} [from] where both stood before
 */
export function move(state, which, value, { low, high } = state) {
  if (which === "both" || !state.data.zone) Object.assign(state, { low: value, high: value });
  else if (which === "low") Object.assign(state, { low: value, high: Math.max(high, value) });
  else Object.assign(state, { low: Math.min(low, value), high: value });
  state.place();
  say("thresholds", { source: state.data.channel, ...standing(state), by: state });
}

/**
 * Stand where these thresholds were moved elsewhere, if they are one's own.
 * @param {Moving} state
 * @param {Events["thresholds"]} moved
 */
export function follow(state, { source, low, high, by }) {
  if (source !== state.data.channel || by === state) return;
  Object.assign(state, { low, high });
  state.place();
}

/**
 * Tell Python where the handles stand, unless they stood there before.
 * @param {Moving} state
 * @param {Thresholds} from
 */
export function release(state, from) {
  state.resting.stop();
  if (state.low === from.low && state.high === from.high) return;
  state.replies.tell(standing(state));
  state.tell(state.low, state.high);
}

/**
 * Tell Python at once what keys have changed.
 * @param {Moving} state
 */
export function flush(state) {
  if (state.resting.runs) release(state, state.before);
}

/**
 * Take the number that was typed for a threshold.
 * @param {Moving} state
 * @param {Handle} which
 */
export function takeTyped(state, which) {
  const input = state.parts.inputs[which];
  const value = typedNumber(input.value);
  if (Number.isNaN(value)) {
    input.value = written(state.axis, state[which]);
    return;
  }
  flush(state);
  const from = standing(state);
  move(state, which, value);
  state.draw(); // the axis may have to grow
  input.value = written(state.axis, value);
  release(state, from);
}

/**
 * Move the nearer handle to a score, or both where they stand together.
 * @param {Moving} state
 * @param {number} score
 */
export function choose(state, score) {
  flush(state);
  const from = standing(state);
  const nearer = Math.abs(score - from.low) < Math.abs(score - from.high) ? "low" : "high";
  move(state, from.low === from.high ? "both" : nearer, score);
  release(state, from);
}
