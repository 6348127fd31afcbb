// The slim histogram: good upwards, defective downwards from one line, and the handles on it.

import { element, focused, put, shape } from "../lib/dom.js";
import { axisOf, toX, written } from "../operating_point/axis.js";
import { histogram, outline } from "../operating_point/bars.js";
import { zoneCounts } from "../operating_point/counts.js";
import { HANDLES } from "../operating_point/parts.js";
/** @import { Handle, Moving } from "../operating_point/state.js" */

export const SIDE = 8; // pixels left and right of the plot
const HIGH = 34; // pixels of the picture
const LINE = { good: [18, 17], defective: [18, 15], unlabelled: [HIGH - 1, HIGH - 2] }; // base and height of the bars

/** @typedef {ReturnType<typeof slimPlot>} SlimPlot */

export function slimPlot() {
  const svg = shape("svg", { class: "slim", "aria-hidden": "true" });
  const plot = element("div", "plot", svg);
  const flags = { low: flag("low"), high: flag("high") };
  plot.append(flags.low, flags.high);
  return { root: plot, plot, svg, flags, inputs: { low: field("Review zone from"), high: field("Threshold") } };
}

/** @param {Handle} which */
function flag(which) {
  const made = element("div", `flag ${which}`);
  made.setAttribute("role", "slider");
  made.setAttribute("aria-orientation", "horizontal");
  made.tabIndex = 0;
  return made;
}

/** @param {string} label */
function field(label) {
  const made = Object.assign(element("input", "field number"), { type: "text", inputMode: "decimal", title: label });
  made.setAttribute("aria-label", label);
  made.autocomplete = "off";
  return made;
}

/**
 * @param {Moving} state
 * @param {SlimPlot} plot
 * @param {boolean} log
 */
export function drawSlim(state, plot, log) {
  const width = plot.root.clientWidth;
  const { classes, data, low, high } = state;
  if (!width || !classes.length) return;
  state.axis = axisOf(classes, [low, high, ...data.named.map(({ value }) => value)], width - 2 * SIDE, SIDE);
  const largest = Math.max(...classes.map(({ total }) => total));
  const bars = classes.filter(({ total }) => total).map((one) => {
    const counted = histogram(one, state.axis, largest);
    const most = Math.max(...counted.map(({ count }) => count));
    const [base, tall] = LINE[one.name];
    return shape("path", { class: `bar ${one.name}`,
      d: outline(counted, most, log, base, one.name !== "defective", tall) });
  });
  const ticks = data.named.map(({ value }) =>
    shape("path", { class: "named", d: `M${toX(state.axis, value)} 0V${HIGH}` }));
  put(plot.svg, { width, height: HIGH, viewBox: `0 0 ${width} ${HIGH}` });
  plot.svg.replaceChildren(shape("rect", { class: "review", y: 0, height: HIGH }),
    shape("path", { class: "base", d: `M0 18H${width}` }), ...bars, ...ticks);
  state.place();
}

/**
 * @param {Moving} state
 * @param {SlimPlot} plot
 */
export function placeSlim(state, plot) {
  const { axis, low, high, classes } = state;
  if (!classes.length || Number.isNaN(high)) return;
  const counted = zoneCounts(classes, { low, high });
  for (const which of HANDLES) {
    const [flag, input] = [plot.flags[which], plot.inputs[which]];
    flag.style.left = `${toX(axis, state[which])}px`;
    const ng = classes.filter(({ total }) => total).map(({ name }) => `${Math.round(counted.ng[name])} ${name}`);
    put(flag, { "aria-valuemin": axis.low, "aria-valuemax": axis.high, "aria-valuenow": state[which],
      "aria-valuetext": `${written(axis, state[which])}; at or above the threshold: ${ng.join(", ") || "none"}`,
      "aria-label": which === "low" ? "Start of the review zone" : "Threshold" });
    if (input !== focused(input) || state.drag) input.value = written(axis, state[which]);
  }
  const review = plot.svg.querySelector(".review");
  const [from, to] = [toX(axis, low), toX(axis, high)];
  if (review) put(review, { x: from, width: Math.max(0, to - from) });
  plot.flags.low.classList.toggle("absent", low === high);
}
