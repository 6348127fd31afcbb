// Score histogram with two handles: score < low is OK, score >= high is NG, between them is the review zone. Counts
// follow the handles here, and so does who hears the event "thresholds"; a change is told once, when a handle is let go.
// Without a zone only the handle "high" is there, and both thresholds are where it stands.

import { widget } from "../lib/life.js";
import { Replies } from "../lib/replies.js";
import { axisOf } from "./axis.js";
import { scoreClasses } from "./counts.js";
import { draw, label, place } from "./drawing.js";
import { draggable, press } from "./handles.js";
import { choose, flush, follow, standing, takeTyped } from "./moving.js";
import { HANDLES, build } from "./parts.js";
/** @import { Emit, Life, Mount } from "../lib/life.js" */
/** @import { Data, State, Tells } from "./state.js" */

/** @type {Mount<Data, Tells>} */
export const mount = widget("point", (root, emit, life, first) => {
  const state = beginning(root, emit, life, first);
  const { plot, flags, lines, inputs, log } = state.parts;
  root.setAttribute("role", "group");
  for (const which of HANDLES) {
    draggable(state, flags[which], () => (state.data.zone ? which : "both"));
    draggable(state, lines[which], () => (state.low === state.high ? "both" : which));
    flags[which].onkeydown = (event) => press(state, event, which);
    flags[which].onblur = () => flush(state);
    inputs[which].onchange = () => takeTyped(state, which);
    inputs[which].onkeydown = (event) => event.stopPropagation(); // digits typed here are no shortcuts of the page
  }
  log.onchange = () => {
    state.log = log.checked;
    draw(state);
  };
  life.hear("thresholds", (moved) => follow(state, moved));
  life.watchSize(plot, () => draw(state));
  return (data) => take(state, data);
});

/**
 * @param {HTMLElement} root
 * @param {Emit<Tells>} emit
 * @param {Life} life
 * @param {Data} data
 * @returns {State}
 */
function beginning(root, emit, life, data) {
  /** @type {State} */
  const state = {
    root, parts: build(root), data, classes: [], ...standing(data), log: data.log, box: null, drag: null,
    axis: axisOf([], [data.low, data.high], 0), before: standing(data), resting: life.timer(),
    replies: new Replies((one, other) => one.low === other.low && one.high === other.high),
    draw: () => draw(state), place: () => place(state),
    choose: (score) => choose(state, score),
    tell: (low, high) => emit("released", [low, high]),
  };
  return state;
}

/**
 * @param {State} state
 * @param {Data} data
 */
function take(state, data) {
  state.data = data;
  state.classes = scoreClasses(data);
  const current = state.replies.isCurrent(standing(data));
  if (current && !state.drag && !state.resting.runs) Object.assign(state, standing(data));
  label(state);
  draw(state);
}
