// @ts-nocheck
// Curves over thresholds, a panel each, with a ring at the operating point of its level. Rings follow the handles of the
// operating points (the event "thresholds"). A point chosen by click or Enter is told.

import { element, put, setColours, shape, text } from "../lib/dom.js";
import { withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { numbers } from "../lib/numbers.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */

const HIGH = 210; // pixels, of a panel's picture
const EDGE = { left: 46, right: 10, top: 8, bottom: 38 };
const RING = 5.5;
const PAGE = 20; // points, for Page Up and Page Down
const LOWEST = 1e-5; // of a logarithmic axis
const AXES = { // of pixel curves over the false positive rate
  whole: ["whole axis", [0, 0.2, 0.4, 0.6, 0.8, 1]],
  part: ["up to 0.3", [0, 0.1, 0.2, 0.3]],
  log: ["logarithmic", [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]],
};

/**
 * @typedef {object} Given one panel: points of a curve (N,), its thresholds descending
 * @property {string} name
 * @property {string} title
 * @property {"image" | "pixel"} level
 * @property {"roc" | "precision_recall" | "pro"} kind
 * @property {string} x_title
 * @property {string} y_title
 * @property {Packed} x
 * @property {Packed} y
 * @property {Packed} thresholds
 * @property {string} undefined why there is no curve, or ""
 *
 * @typedef {object} Data
 * @property {Given[]} panels
 * @property {string} label
 * @property {Record<string, string>} colours
 * @property {number} limit false positive rate up to which the overlap counts
 * @property {string[]} levels
 * @property {Packed} thresholds one a level, NaN where there is none
 * @property {Record<string, string>} follows key of an operating point -> level
 *
 * @typedef {{ chosen: [name: string, threshold: number] }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("curves", (root, emit, life) => {
  root.setAttribute("role", "group");
  const state = { root, panels: new Map(), tell: (name, threshold) => emit("chosen", [name, threshold]) };
  life.hear("thresholds", ({ source, high }) => {
    const level = state.data.follows[source];
    if (level === undefined) return;
    state.thresholds[level] = high;
    for (const panel of state.panels.values()) ring(panel);
  });
  life.watchSize(root, () => state.panels.forEach(draw));
  return (data) => take(state, data);
});

function take(state, data) {
  const { root } = state;
  state.data = data;
  root.setAttribute("aria-label", data.label);
  setColours(root, data.colours);
  const values = numbers(data.thresholds);
  state.thresholds = Object.fromEntries(data.levels.map((level, place) => [level, values[place]]));
  const kept = new Map(data.panels.map((given) => [given.name, state.panels.get(given.name) ?? newPanel(state)]));
  state.panels = kept;
  const figures = [...kept.values()].map(({ figure }) => figure);
  if (figures.some((figure, place) => root.children[place] !== figure) || root.children.length > figures.length) {
    root.replaceChildren(...figures); // only then: a figure that is put back loses the focus
  }
  for (const given of data.panels) {
    const panel = kept.get(given.name);
    Object.assign(panel, { given, x: numbers(given.x), y: numbers(given.y), thresholds: numbers(given.thresholds) });
    panel.parts.title.textContent = given.title;
    panel.parts.undefined.textContent = given.undefined;
    panel.parts.axes.hidden = Boolean(given.undefined) || given.level !== "pixel" || given.kind === "precision_recall";
    panel.parts.svg.toggleAttribute("hidden", Boolean(given.undefined));
    panel.parts.said.hidden = Boolean(given.undefined);
    panel.parts.svg.setAttribute("aria-label", `${given.title}: arrow keys walk along the curve, Enter sets the ` +
      `threshold of ${given.level}s there`);
    if (panel.at >= panel.x.length) panel.at = null;
    draw(panel);
  }
}

function newPanel(state) {
  const panel = { state, axis: "whole", at: null };
  const title = element("span", "title");
  const axes = element("button", "axes");
  axes.type = "button";
  axes.onclick = () => {
    const names = Object.keys(AXES);
    panel.axis = names[(names.indexOf(panel.axis) + 1) % names.length];
    draw(panel);
  };
  const head = element("div", "head");
  head.append(title, axes);
  const svg = shape("svg", { role: "slider", tabindex: 0 });
  const said = element("div", "said");
  said.setAttribute("aria-hidden", "true"); // the slider says it
  const nothing = element("p", "undefined");
  panel.figure = element("figure", "panel");
  panel.figure.append(head, svg, said, nothing);
  panel.parts = { title, axes, svg, said, undefined: nothing };
  svg.addEventListener("pointermove", (event) => point(panel, nearest(panel, event)));
  svg.addEventListener("pointerleave", () => point(panel, null));
  svg.addEventListener("blur", () => point(panel, null));
  svg.addEventListener("click", (event) => choose(panel, nearest(panel, event)));
  svg.addEventListener("keydown", (event) => onKey(panel, event));
  return panel;
}

// ---- what a person does -------------------------------------------------------------------------------------------

function onKey(panel, event) {
  if (withModifier(event)) return;
  const last = panel.x.length - 1;
  const here = panel.at ?? placeOf(panel);
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: PAGE, PageDown: -PAGE };
  let place = here;
  if (event.key in steps) place = here + steps[event.key];
  else if (event.key === "Home") place = 0;
  else if (event.key === "End") place = last;
  else if (event.key !== "Enter") return;
  event.preventDefault();
  event.stopPropagation(); // no shortcut of the page
  if (event.key === "Enter") choose(panel, panel.at);
  else point(panel, Math.min(Math.max(place, 0), last));
}

function choose(panel, place) {
  const threshold = panel.thresholds[place];
  if (Number.isFinite(threshold)) panel.state.tell(panel.given.name, threshold);
}

function nearest(panel, event) {
  const box = panel.parts.svg.getBoundingClientRect();
  const [left, top] = [event.clientX - box.left, event.clientY - box.top];
  let [best, least] = [null, Infinity]; // of the points in view
  for (let place = 0; place < panel.x.length; place += 1) {
    const apart = (across(panel, panel.x[place]) - left) ** 2 + (down(panel.y[place]) - top) ** 2;
    const there = Number.isFinite(panel.thresholds[place]) && panel.x[place] <= endOf(panel);
    if (there && apart < least) [best, least] = [place, apart];
  }
  return best;
}

// The point of the curve that a threshold has, as Python's Curve.at: the last whose threshold is not below it.
function placeOf({ thresholds, state, given }) {
  const threshold = state.thresholds[given.level];
  let [low, high] = [0, thresholds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (thresholds[middle] >= threshold) low = middle + 1;
    else high = middle;
  }
  return Number.isNaN(threshold) ? -1 : low - 1;
}

// ---- drawing ------------------------------------------------------------------------------------------------------

function draw(panel) {
  const { svg, axes } = panel.parts;
  panel.wide = svg.clientWidth || svg.parentElement.clientWidth;
  if (!panel.wide || !panel.x.length) return;
  svg.setAttribute("viewBox", `0 0 ${panel.wide} ${HIGH}`);
  axes.textContent = AXES[panel.axis][0];
  axes.setAttribute("aria-label", `Axis of ${panel.given.title}: ${AXES[panel.axis][0]}; press for another`);
  const cross = shape("g", { class: "cross" });
  cross.append(shape("line", {}), shape("line", {}), shape("circle", { r: 3.5 }));
  svg.replaceChildren(...ground(panel), shape("path", { class: "curve", d: path(panel) }), cross,
    shape("circle", { class: "ring", r: RING }));
  ring(panel);
  point(panel, panel.at);
}

// Axes, their words, and what a curve is held against.
function ground(panel) {
  const { given, state, wide, axis, y } = panel;
  const [left, right, top, bottom] = [EDGE.left, wide - EDGE.right, EDGE.top, HIGH - EDGE.bottom];
  const found = [];
  if (given.kind === "pro") {
    const limit = Math.min(across(panel, state.data.limit), right); // beyond it nothing counts for AUPRO
    found.push(shape("rect", { class: "beyond", x: limit, y: top, width: right - limit, height: bottom - top }));
  }
  for (const tick of [0, 0.5, 1]) {
    found.push(shape("line", { class: "grid", x1: left, x2: right, y1: down(tick), y2: down(tick) }),
      text(tick, { x: left - 6, y: down(tick) + 4, "text-anchor": "end" }));
  }
  for (const tick of AXES[axis][1]) {
    found.push(text(axis === "log" ? tick.toExponential(0).replace("e+0", "").replace("1e-1", "0.1") : tick,
      { x: across(panel, tick), y: bottom + 14, "text-anchor": "middle" }));
  }
  found.push(text(given.x_title, { x: (left + right) / 2, y: HIGH - 6, "text-anchor": "middle" }),
    text(given.y_title, { x: 11, y: (top + bottom) / 2, "text-anchor": "middle",
      transform: `rotate(-90 11 ${(top + bottom) / 2})` }));
  if (given.kind === "roc") {
    const ends = Array.from({ length: 61 }, (_, step) => (axis === "log" ? LOWEST ** (1 - step / 60) : step / 60));
    const inside = ends.filter((rate) => axis !== "part" || rate <= AXES.part[1].at(-1));
    found.push(shape("path", { class: "chance",
      d: inside.map((rate, step) => `${step ? "L" : "M"}${across(panel, rate)} ${down(rate)}`).join("") }));
  } else if (given.kind === "precision_recall") {
    const frequent = down(y[y.length - 1]);
    found.push(shape("line", { class: "chance", x1: across(panel, 0), x2: across(panel, 1), y1: frequent,
      y2: frequent }));
  }
  return found;
}

// Points that lie less than half a pixel from the one before are not drawn.
function path(panel) {
  const { x, y } = panel;
  const parts = [];
  let [last, height] = [NaN, NaN];
  for (let place = 0; place < x.length && (place === 0 || x[place - 1] <= endOf(panel)); place += 1) {
    const [here, there] = [across(panel, x[place]), down(y[place])];
    if (Math.abs(here - last) < 0.5 && Math.abs(there - height) < 0.5 && place < x.length - 1) continue;
    if (Number.isNaN(there)) continue;
    const steps = parts.length && panel.given.kind === "precision_recall"; // as average precision sums them
    parts.push(!parts.length ? `M${here.toFixed(1)} ${there.toFixed(1)}` : steps
      ? `V${there.toFixed(1)}H${here.toFixed(1)}` : `L${here.toFixed(1)} ${there.toFixed(1)}`);
    [last, height] = [here, there];
  }
  return parts.join("");
}

function ring(panel) {
  const { svg } = panel.parts;
  const mark = svg.querySelector(".ring");
  if (!mark) return;
  const place = placeOf(panel);
  const there = place >= 0 && !Number.isNaN(panel.y[place]);
  mark.toggleAttribute("hidden", !there || panel.x[place] > endOf(panel));
  Object.assign(svg.dataset, { x: there ? panel.x[place] : "", y: there ? panel.y[place] : "" });
  if (there) {
    mark.setAttribute("cx", across(panel, panel.x[place]));
    mark.setAttribute("cy", down(panel.y[place]));
  }
  if (panel.at === null) say(panel, place);
}

function point(panel, place) {
  panel.at = place;
  const { svg } = panel.parts;
  const cross = svg.querySelector(".cross");
  if (!cross) return;
  cross.toggleAttribute("hidden", place === null);
  if (place !== null) {
    const [here, there] = [across(panel, panel.x[place]), down(panel.y[place])];
    const [upright, level, dot] = cross.children;
    put(upright, { x1: here, x2: here, y1: EDGE.top, y2: HIGH - EDGE.bottom });
    put(level, { x1: EDGE.left, x2: panel.wide - EDGE.right, y1: there, y2: there });
    put(dot, { cx: here, cy: there });
  }
  say(panel, place ?? placeOf(panel));
}

function say(panel, place) {
  const { svg, said } = panel.parts;
  const { given, x, y, thresholds, state } = panel;
  const words = place < 0 ? `no point at the threshold ${digits(state.thresholds[given.level])}`
    : [`threshold ${digits(thresholds[place])}`, `${given.x_title} ${rate(x[place])}`,
      `${given.y_title} ${rate(y[place])}`, ...(x[place] > endOf(panel) ? ["right of this axis"] : [])].join(" · ");
  said.textContent = words;
  put(svg, { "aria-valuetext": words, "aria-valuemin": 0, "aria-valuemax": Math.max(0, x.length - 1),
    "aria-valuenow": Math.max(0, place) });
}

const endOf = ({ axis }) => AXES[axis][1].at(-1);

function across(panel, value) {
  const room = panel.wide - EDGE.left - EDGE.right;
  const share = panel.axis === "log" ? 1 - Math.log(Math.max(value, LOWEST)) / Math.log(LOWEST)
    : panel.axis === "part" ? value / AXES.part[1].at(-1) : value;
  return EDGE.left + room * Math.min(share, 1.2);
}

const down = (value) => EDGE.top + (HIGH - EDGE.top - EDGE.bottom) * (1 - value);

function rate(value) {
  if (Number.isNaN(value)) return "not defined";
  return value > 0 && value < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

const digits = (value) => (Number.isFinite(value) ? Number(value.toPrecision(5)).toString() : "above all scores");
