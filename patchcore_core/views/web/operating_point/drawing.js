// The picture of the operating point: all of it, or only what follows the handles.

import { element, focused, put, setColours } from "../lib/dom.js";
import { SIDE, axisOf, axisShapes, toX, written } from "./axis.js";
import { laneBoxes, laneShapes, patterns } from "./bars.js";
import { zoneCounts } from "./counts.js";
import { ROW, layNames, nameTicks } from "./names.js";
import { HANDLES, ZONES } from "./parts.js";
import { describeHandle, fillZone, wordsOf } from "./zones.js";
/** @import { State } from "./state.js" */

const FLAG = 22; // pixels, above the bars
const AXIS = 24;

/**
 * Everything that is said in words and stays while handles move.
 * @param {State} state
 */
export function label(state) {
  const { root, parts, data, log } = state;
  const words = wordsOf(state);
  root.setAttribute("aria-label", data.label);
  setColours(root, data.colours);
  root.classList.toggle("single", !data.zone);
  parts.flags.high.textContent = words.flag;
  parts.from.data = words.from;
  parts.log.checked = log;
  parts.unit.data = `number of ${data.unit} on a log scale`;
  parts.notes.replaceChildren(...data.notes.map((note) => element("div", "note", note)));
}

/** @param {State} state */
export function draw(state) {
  const { parts: { plot, svg, review }, classes, data, low, high } = state;
  const width = plot.clientWidth;
  if (!width) return;
  state.axis = axisOf(classes, [low, high, ...data.named.map(({ value }) => value)], width - 2 * SIDE);
  const laid = layNames(state);
  const top = laid.rows * ROW + FLAG;
  const lanes = laneBoxes(classes, top);
  const bottom = Math.max(...lanes.map(({ end }) => end));
  const height = bottom + AXIS;
  state.box = { top, bottom };
  plot.style.height = `${height}px`;
  put(svg, { width, height, viewBox: `0 0 ${width} ${height}` });
  put(review, { y: top, height: bottom - top });
  svg.replaceChildren(patterns(), review, ...lanes.flatMap((lane) => laneShapes(state, lane)),
    ...axisShapes(state.axis, bottom), ...nameTicks(state, laid, bottom));
  place(state);
}

/**
 * The handles and everything that follows them.
 * @param {State} state
 */
export function place(state) {
  const { parts, axis, low, high, box } = state;
  if (!box) return;
  const counted = zoneCounts(state.classes, { low, high });
  for (const which of HANDLES) {
    const [left, top] = [`${toX(axis, state[which])}px`, `${box.top - FLAG}px`];
    Object.assign(parts.lines[which].style, { left, top, height: `${box.bottom - box.top + FLAG}px` });
    Object.assign(parts.flags[which].style, { left, top });
    describeHandle(state, which, counted);
    const input = parts.inputs[which];
    if (input !== focused(input) || state.drag) input.value = written(axis, state[which]);
  }
  put(parts.review, { x: toX(axis, low), width: Math.max(0, toX(axis, high) - toX(axis, low)) });
  for (const zone of ZONES) fillZone(state, zone, counted[zone]);
}
