// @ts-nocheck
// Score histogram with two handles: score < low is OK, score >= high is NG, between them is the review zone. Counts follow
// the handles here, and so does who hears the event "thresholds"; a change is told once, when a handle is let go.
// Without a zone only the handle "high" is there, and both thresholds are where it stands.

import { element, focused, setColours, shape, text } from "../lib/dom.js";
import { say } from "../lib/events.js";
import { withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { firstFrom, grouped, numbers, typedNumber } from "../lib/numbers.js";
import { Replies } from "../lib/replies.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */

const SIDE = 56; // pixels left and right of the plot: room for the flags of the handles
const ROW = 18; // of names
const FLAG = 22;
const LANE = 58; // of one class
const MIDDLE = 12; // between good and defective: one tick per score, where they are few
const AXIS = 24;
const FEW = 300; // scores of a class that get a tick each
const SNAP = 6; // pixels
const REST_MS = 350; // keys at rest
const FILLS = { good: "solid", defective: "hatch", unlabelled: "dots" };
const ZONES = ["ok", "review", "ng"];
const WORDS = { ok: "OK", review: "Review", ng: "NG", flag: "▸ NG", from: "NG threshold" };
const MARKED = { ok: "Below", ng: "Predicted", flag: "▸ predicted", from: "Pixel threshold" }; // without a zone
const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "Escape"];

/**
 * @typedef {"good" | "defective" | "unlabelled"} Label
 *
 * @typedef {object} Data either `scores`, ascending, or `counts` in bins between `edges`
 * @property {Record<Label, Packed>} [scores]
 * @property {Record<Label, Packed>} [counts] (B,)
 * @property {Packed} [edges] (B + 1,)
 * @property {string} channel
 * @property {string} label
 * @property {string} unit what is counted
 * @property {number} low
 * @property {number} high
 * @property {boolean} log whether counts are drawn on a logarithmic scale at first
 * @property {boolean} zone whether there is one to review
 * @property {{ name: string, value: number, label: string, help: string }[]} named thresholds to snap to
 * @property {string[]} notes
 * @property {Record<string, string>} colours
 *
 * @typedef {{ released: [low: number, high: number] }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("point", (root, emit, life) => {
  root.setAttribute("role", "group");
  const state = { root, parts: build(root), log: undefined, resting: life.timer(),
    replies: new Replies((one, other) => one.low === other.low && one.high === other.high),
    tell: (low, high) => emit("released", [low, high]) };
  const { plot, flags, lines, inputs, log } = state.parts;
  for (const which of ["low", "high"]) {
    flags[which].onpointerdown = (event) => grab(state, event, state.data.zone ? which : "both");
    lines[which].onpointerdown = (event) => grab(state, event, state.low === state.high ? "both" : which);
    flags[which].onkeydown = (event) => press(state, event, which);
    flags[which].onblur = () => flush(state);
    inputs[which].onchange = () => type(state, which);
    inputs[which].onkeydown = (event) => event.stopPropagation(); // digits typed here are no shortcuts of the page
  }
  log.onchange = () => {
    state.log = log.checked;
    draw(state);
  };
  life.watchSize(plot, () => draw(state));
  return (data) => take(state, data);
});

function take(state, data) {
  const { root, parts } = state;
  root.setAttribute("aria-label", data.label);
  setColours(root, data.colours);
  const fresh = state.data === undefined;
  state.data = data;
  state.words = data.zone ? WORDS : MARKED;
  root.classList.toggle("single", !data.zone);
  parts.flags.high.textContent = state.words.flag;
  parts.from.high.data = state.words.from;
  state.classes = classes(data);
  const taken = state.replies.isCurrent({ low: data.low, high: data.high });
  const held = state.drag || state.resting.runs;
  if (fresh || (taken && !held)) Object.assign(state, { low: data.low, high: data.high });
  state.log ??= data.log;
  parts.log.checked = state.log;
  parts.unit.data = `number of ${data.unit} on a log scale`;
  parts.notes.replaceChildren(...data.notes.map((note) => element("div", "note", note)));
  draw(state);
}

// --- how many scores lie below a threshold -----------------------------------------------------------------------

function classes(data) {
  const edges = data.edges && numbers(data.edges);
  return Object.entries(data.scores ?? data.counts).map(([name, coded]) => {
    const values = numbers(coded);
    return { name, ...(edges ? binned(edges, values) : single(values)) };
  });
}

function single(scores) {
  return {
    total: scores.length, scores, low: scores[0], high: scores[scores.length - 1], exact: () => true,
    below: (value) => firstFrom(scores, value),
  };
}

function binned(edges, counts) {
  const sums = new Float64Array(edges.length);
  counts.forEach((count, bin) => (sums[bin + 1] = sums[bin] + count));
  const below = (value) => {
    const right = firstFrom(edges, value);
    if (right === 0) return 0;
    if (right === edges.length) return sums[right - 1];
    const share = (value - edges[right - 1]) / (edges[right] - edges[right - 1]);
    return sums[right - 1] + share * counts[right - 1];
  };
  const exact = (value) => {
    const right = firstFrom(edges, value);
    return right === 0 || right === edges.length || edges[right] === value || counts[right - 1] === 0;
  };
  return { total: sums[sums.length - 1], edges, low: edges[0], high: edges[edges.length - 1], exact, below };
}

// Zone -> class -> number, for the thresholds as they stand.
function zones({ classes: all, low, high }) {
  const counted = { ok: {}, review: {}, ng: {} };
  for (const { name, total, below } of all) {
    const [ok, upToHigh] = [below(low), below(high)];
    counted.ok[name] = ok;
    counted.review[name] = upToHigh - ok;
    counted.ng[name] = total - upToHigh;
  }
  return counted;
}

// --- moving ------------------------------------------------------------------------------------------------------

// A handle pushes the other one along rather than passing it; `from` is where both stood before.
function move(state, which, value, from = state) {
  const { low, high } = from;
  if (which === "both" || !state.data.zone) Object.assign(state, { low: value, high: value });
  else if (which === "low") Object.assign(state, { low: value, high: Math.max(high, value) });
  else Object.assign(state, { low: Math.min(low, value), high: value });
  place(state);
  say("thresholds", { source: state.data.channel, low: state.low, high: state.high });
}

function release(state, from) {
  state.resting.stop();
  if (state.low === from.low && state.high === from.high) return;
  state.replies.tell({ low: state.low, high: state.high });
  state.tell(state.low, state.high);
}

function grab(state, event, which) {
  if (event.button !== 0) return;
  event.preventDefault();
  flush(state);
  const held = event.currentTarget;
  const from = { low: state.low, high: state.high };
  const offset = toX(state, which === "high" ? from.high : from.low) - pointerX(state, event);
  state.parts.flags[which === "high" || !state.data.zone ? "high" : "low"].focus({ preventScroll: true });
  held.setPointerCapture(event.pointerId);
  state.drag = { from, cancel: () => end(false) };
  state.root.classList.add("dragging");
  held.onpointermove = (moved) => {
    const x = pointerX(state, moved) + offset;
    move(state, which, moved.altKey ? unsnapped(state, x) : snapped(state, x, which, from), from);
  };
  const end = (kept) => {
    held.onpointermove = held.onpointerup = held.onpointercancel = null;
    state.drag = undefined;
    state.root.classList.remove("dragging");
    if (kept) release(state, from);
    else move(state, "low", from.low, from);
  };
  held.onpointerup = () => end(true);
  held.onpointercancel = () => end(false);
}

function pointerX(state, event) {
  return event.clientX - state.parts.plot.getBoundingClientRect().left;
}

function snapped(state, x, which, from) {
  const other = which === "low" ? [from.high] : which === "high" ? [from.low] : [];
  const near = [...state.data.named.map(({ value }) => value), ...other]
    .map((value) => ({ value, far: Math.abs(toX(state, value) - x) }))
    .filter(({ far }) => far <= SNAP)
    .sort((one, two) => one.far - two.far);
  return near.length ? near[0].value : unsnapped(state, x);
}

// The score at a pixel, with no more digits than a pixel is worth; on an edge where there are bins.
function unsnapped({ scale, classes: all }, x) {
  const share = Math.min(Math.max((x - SIDE) / scale.width, 0), 1);
  const value = Number((scale.low + share * (scale.high - scale.low)).toFixed(scale.digits));
  const { edges } = all[0];
  if (!edges) return value;
  const right = Math.min(firstFrom(edges, value), edges.length - 1);
  return right > 0 && value - edges[right - 1] < edges[right] - value ? edges[right - 1] : edges[right];
}

function press(state, event, which) {
  const { key, shiftKey } = event;
  if (!KEYS.includes(key) || withModifier(event)) return;
  event.preventDefault();
  event.stopPropagation();
  if (key === "Escape") {
    state.drag?.cancel();
    return;
  }
  if (state.drag) return;
  if (!state.resting.runs) state.before = { low: state.low, high: state.high };
  move(state, shiftKey ? "both" : which, stepped(state, key, state[which]));
  state.resting.set(REST_MS, () => release(state, state.before));
}

function stepped(state, key, value) {
  const { scale, data } = state;
  const named = data.named.map((entry) => entry.value).sort((one, two) => one - two);
  if (key === "Home") return unsnapped(state, SIDE);
  if (key === "End") return unsnapped(state, SIDE + scale.width);
  if (key === "PageUp") return named.find((other) => other > value) ?? value;
  if (key === "PageDown") return named.findLast((other) => other < value) ?? value;
  const sign = key === "ArrowLeft" || key === "ArrowDown" ? -1 : 1;
  const { edges } = state.classes[0];
  const next = unsnapped(state, toX(state, value) + sign);
  if (!edges || next !== value) return next;
  const here = firstFrom(edges, value); // bins wider than a pixel: to the next edge
  return edges[Math.min(Math.max(here + sign, 0), edges.length - 1)];
}

// Tell Python at once what keys have changed.
function flush(state) {
  if (state.resting.runs) release(state, state.before);
}

function type(state, which) {
  const input = state.parts.inputs[which];
  const value = typedNumber(input.value);
  if (Number.isNaN(value)) {
    input.value = shown(state, state[which]);
    return;
  }
  flush(state);
  const from = { low: state.low, high: state.high };
  move(state, which, value);
  draw(state); // the axis may have to grow
  input.value = shown(state, value);
  release(state, from);
}

function choose(state, value) {
  flush(state);
  const from = { low: state.low, high: state.high };
  const nearer = Math.abs(value - from.low) < Math.abs(value - from.high) ? "low" : "high";
  move(state, from.low === from.high ? "both" : nearer, value);
  release(state, from);
}

// --- drawing -----------------------------------------------------------------------------------------------------

function build(root) {
  const plot = element("div", "plot");
  const svg = shape("svg", { class: "bars", "aria-hidden": "true" });
  const names = element("div", "names");
  const parts = { plot, svg, names, flags: {}, lines: {}, inputs: {}, from: {}, cells: {} };
  plot.append(svg, names);
  for (const which of ["low", "high"]) {
    const line = (parts.lines[which] = element("div", `line ${which}`));
    const flag = (parts.flags[which] = element("div", `flag ${which}`, which === "low" ? "OK ◂" : WORDS.flag));
    flag.setAttribute("role", "slider");
    flag.setAttribute("aria-orientation", "horizontal");
    flag.tabIndex = 0;
    plot.append(line, flag);
  }
  const table = element("div", "zones");
  for (const zone of ZONES) table.append((parts.cells[zone] = element("div", `zone ${zone}`)));
  const controls = element("div", "controls");
  for (const [which, words] of [["low", "Review zone from"], ["high", WORDS.from]]) {
    const input = (parts.inputs[which] = element("input", "number"));
    Object.assign(input, { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false });
    const label = labelled((parts.from[which] = document.createTextNode(words)), input);
    label.classList.add(which);
    controls.append(label);
  }
  parts.log = element("input", "");
  parts.log.type = "checkbox";
  parts.unit = document.createTextNode("");
  controls.append(labelled("", parts.log, parts.unit));
  parts.notes = element("div", "notes");
  root.append(plot, table, controls, parts.notes);
  return parts;
}

function labelled(before, control, after = "") {
  const label = element("label", "");
  label.append(...[before, control, after].filter(Boolean));
  return label;
}

function draw(state) {
  const { plot, svg } = state.parts;
  const width = plot.clientWidth;
  if (!width) return;
  state.scale = scale(state, width - 2 * SIDE);
  const rows = nameRows(state);
  const top = rows * ROW + FLAG;
  const lanes = laneBoxes(state, top);
  state.box = { width, top, rows, bottom: Math.max(...lanes.map(({ end }) => end)) };
  const height = state.box.bottom + AXIS;
  plot.style.height = `${height}px`;
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
    svg.setAttribute(name, value);
  }
  state.review = shape("rect", { class: "review", y: top, height: state.box.bottom - top });
  svg.replaceChildren(patterns(), state.review, ...lanes.flatMap((lane) => laneShapes(state, lane)), ...axis(state),
    ...nameTicks(state));
  place(state);
}

// Score axis: every score, name and handle is on it.
function scale({ classes: all, data, low, high }, width) {
  const wide = Math.max(width, 50);
  const values = [low, high, ...data.named.map(({ value }) => value)];
  for (const one of all) if (one.total) values.push(one.low, one.high);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = most > least ? 0.02 * (most - least) : Math.abs(least) * 0.1 || 1;
  const [from, to] = [least - margin, most + margin];
  return { low: from, high: to, width: wide, digits: Math.min(Math.max(0, Math.ceil(-Math.log10((to - from) / wide))), 15) };
}

function toX({ scale: { low, high, width } }, value) {
  return SIDE + ((value - low) / (high - low)) * width;
}

// Good upwards and defective downwards from the middle, unlabelled below them.
function laneBoxes(state, top) {
  const box = (one, from, up) => ({ one, up, from, end: from + LANE, base: up ? from + LANE : from });
  const [good, defective, unlabelled] = state.classes;
  const lanes = [];
  let y = top + 4;
  if (good.total || !unlabelled.total) lanes.push(box(good, y, true));
  if (lanes.length) y += LANE + MIDDLE;
  if (defective.total) {
    lanes.push(box(defective, y, false));
    y += LANE + MIDDLE;
  }
  if (unlabelled.total) lanes.push(box(unlabelled, y + (defective.total ? 4 : 0), true));
  return lanes.map((lane) => ({ ...lane, end: lane.end + (lane.up ? MIDDLE / 2 : 0) }));
}

function laneShapes(state, { one, up, from, base }) {
  const counts = histogram(state, one);
  const most = Math.max(...counts.map(({ count }) => count), 0);
  const size = (count) => (most ? (LANE - 2) * (state.log ? Math.log1p(count) / Math.log1p(most) : count / most) : 0);
  const bars = counts.filter(({ count }) => count > 0).map(({ x, width, count }) => {
    const height = Math.max(size(count), 1);
    return `M${x} ${base}h${width}v${up ? -height : height}h${-width}z`;
  });
  const found = [
    shape("path", { class: `bar ${one.name} ${FILLS[one.name]}`, d: bars.join("") }),
    shape("path", { class: "base", d: `M${SIDE} ${base}h${state.scale.width}` }),
    text(one.name, { class: "class", x: 4, y: up ? base - LANE / 2 : base + LANE / 2 + 4 }),
    text(`max ${brief(most)}`, {
      class: "most", x: SIDE + state.scale.width + 4, y: up ? from + 10 : from + LANE - 2,
    }),
  ];
  if (one.scores && one.scores.length <= FEW) found.push(rug(state, one, base, up ? 1 : -1));
  return found;
}

// One tick for every single score, beyond the base line.
function rug(state, one, base, sign) {
  const ticks = Array.from(one.scores, (score) => `M${toX(state, score)} ${base + sign}v${4 * sign}`);
  return shape("path", { class: `rug ${one.name}`, d: ticks.join("") });
}

function histogram(state, one) {
  const { scale: { low, high, width } } = state;
  const most = Math.max(...state.classes.map(({ total }) => total)); // the same bars for all classes
  const number = Math.round(Math.min(20 + 2 * Math.sqrt(most), width / 7));
  const edge = (bin) => low + (bin / number) * (high - low);
  return Array.from({ length: number }, (_, bin) => ({
    x: SIDE + (bin / number) * width + 0.5,
    width: width / number - 1,
    count: one.below(edge(bin + 1)) - one.below(edge(bin)),
  }));
}

function axis(state) {
  const { scale: { low, high, width }, box: { bottom } } = state;
  const step = niceStep((high - low) / Math.max(3, width / 80));
  const digits = Math.min(Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)), 15);
  const found = [shape("path", { class: "base", d: `M${SIDE} ${bottom}h${width}` })];
  for (let number = Math.ceil(low / step); number * step <= high; number++) {
    const value = number * step;
    const x = toX(state, value);
    const large = Math.max(Math.abs(low), Math.abs(high)) >= 1e6 || digits > 6;
    found.push(shape("path", { class: "base", d: `M${x} ${bottom}v4` }), text(
      large ? value.toPrecision(4) : value.toFixed(digits), { class: "tick", x, y: bottom + 17 }));
  }
  return found;
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
}

// Lay the names out in as many rows as needed, three at most; one without room keeps its tick and its title.
function nameRows(state) {
  const { names } = state.parts;
  const ends = [];
  const right = 2 * SIDE + state.scale.width;
  names.replaceChildren();
  for (const entry of [...state.data.named].sort((one, two) => one.value - two.value)) {
    const label = element("button", "name", entry.label);
    Object.assign(label, { type: "button", tabIndex: -1, title: `${entry.label}\n${entry.help}`.trim() });
    label.onclick = () => choose(state, entry.value);
    names.append(label);
    const x = Math.max(0, Math.min(toX(state, entry.value) - 4, right - label.offsetWidth));
    let row = ends.findIndex((end) => end < x);
    if (row < 0) row = ends.length < 3 ? ends.push(0) - 1 : -1;
    if (row < 0) {
      label.remove();
      continue;
    }
    ends[row] = x + label.offsetWidth + 4;
    label.style.transform = `translate(${x}px, ${row * ROW}px)`;
    label.row = row;
    label.score = entry.value;
  }
  return ends.length;
}

function nameTicks(state) {
  const { box: { rows, bottom }, parts: { names } } = state;
  const from = new Map([...names.children].map((label) => [label.score, (label.row + 1) * ROW - 2]));
  return state.data.named.map(({ value, label }) => {
    const x = toX(state, value);
    const tick = shape("path", { class: "named", d: `M${x} ${from.get(value) ?? rows * ROW}V${bottom}` });
    tick.append(shape("title", {}));
    tick.firstChild.textContent = label;
    return tick;
  });
}

// The handles and everything that follows them.
function place(state) {
  if (!state.box) return;
  const { parts, low, high, box, review } = state;
  const [left, right] = [toX(state, low), toX(state, high)];
  const at = { low: left, high: right };
  const counted = zones(state);
  for (const which of ["low", "high"]) {
    const { style } = parts.lines[which];
    style.left = `${at[which]}px`;
    style.top = `${box.top - FLAG}px`;
    style.height = `${box.bottom - box.top + FLAG}px`;
    const flag = parts.flags[which];
    flag.style.left = `${at[which]}px`;
    flag.style.top = `${box.top - FLAG}px`;
    describe(state, flag, which, counted);
    if (parts.inputs[which] !== focused(parts.inputs[which]) || state.drag) {
      parts.inputs[which].value = shown(state, state[which]);
    }
  }
  review.setAttribute("x", left);
  review.setAttribute("width", Math.max(0, right - left));
  for (const zone of ZONES) fillZone(state, zone, counted[zone]);
}

function describe(state, flag, which, counted) {
  const { low, high } = state.scale;
  const value = state[which];
  const name = state.data.named.find((entry) => entry.value === value)?.label;
  const words = ZONES.filter((zone) => zone in state.words)
    .map((zone) => `${state.words[zone]}: ${spoken(state, counted[zone])}`).join("; ");
  const between = which === "low" ? "Threshold between OK and review" : "Threshold between review and NG";
  flag.setAttribute("aria-label", state.data.zone ? between : `Threshold of the predicted ${state.data.unit}`);
  flag.setAttribute("aria-valuemin", low);
  flag.setAttribute("aria-valuemax", high);
  flag.setAttribute("aria-valuenow", value);
  flag.setAttribute("aria-valuetext", [shown(state, value), name, words].filter(Boolean).join("; "));
}

function spoken(state, counts) {
  const exact = isExact(state);
  return state.classes.filter(({ total }) => total)
    .map(({ name }) => `${tally(counts[name], exact)} ${name}`).join(", ") || "none";
}

function fillZone(state, zone, counts) {
  const cell = state.parts.cells[zone];
  const { low, high, data, words } = state;
  const heads = {
    ok: [words.ok, `score < ${shown(state, low)}`],
    review: [words.review, low === high ? "no review zone" : `${shown(state, low)} to < ${shown(state, high)}`],
    ng: [words.ng, `score ≥ ${shown(state, high)}`],
  };
  const head = element("div", "head");
  head.append(element("b", "", heads[zone][0]), element("span", "range", heads[zone][1]));
  cell.classList.toggle("empty", zone === "review" && low === high);
  cell.replaceChildren(head, ...state.classes.filter(({ total }) => total).map(({ name, total }) =>
    countLine(zone, name, counts[name], total, isExact(state))));
  cell.title = `${heads[zone].join(": ")} (${data.unit})`;
}

const JUDGED = {
  ok: { good: ["", "good"], defective: ["missed", "miss"] },
  ng: { good: ["false alarms", "false-alarm"], defective: ["found", "hit"] },
};

function countLine(zone, name, count, total, exact) {
  const [words, colour] = JUDGED[zone]?.[name] ?? ["", "unknown"];
  const line = element("div", `count ${colour}`);
  const number = element("span", "n", tally(count, exact));
  Object.assign(number.dataset, { zone, class: name });
  line.append(number, element("span", "", [name, words].filter(Boolean).join(", ")),
    element("span", "share", `${(100 * count / total).toFixed(1)} %`));
  return line;
}

function isExact({ classes: all, low, high }) {
  return all.every(({ exact }) => exact(low) && exact(high));
}

function tally(count, exact) {
  return `${exact ? "" : "≈ "}${grouped(Math.round(count))}`;
}

function brief(count) {
  return Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 }).format(count);
}

function shown({ scale: { digits } }, value) {
  return value.toFixed(Math.min(digits + 1, 15));
}

// --- small things ------------------------------------------------------------------------------------------------

function patterns() {
  const hatch = shape("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)" });
  hatch.append(shape("rect", { class: "hatch-back", width: 5, height: 5 }), shape("rect", { class: "hatch-line", width: 3,
    height: 5 }));
  const dots = shape("pattern", { id: "dots", width: 4, height: 4, patternUnits: "userSpaceOnUse" });
  dots.append(shape("rect", { class: "dot-back", width: 4, height: 4 }), shape("circle", { class: "dot", cx: 2, cy: 2,
    r: 1.2 }));
  const wide = shape("pattern", { id: "wide", width: 8, height: 8, patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(-45)" });
  wide.append(shape("rect", { class: "wide-line", width: 1.5, height: 8 }));
  const found = shape("defs", {});
  found.append(hatch, dots, wide);
  return found;
}
