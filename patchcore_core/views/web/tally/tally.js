// @ts-nocheck
// The four outcomes, recall per defect type and per region size, counted here while handles move (the event
// "thresholds"). A click on a cell or a bar is told: [what, which].

import { element, focused, setColours } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { firstFrom, grouped, numbers } from "../lib/numbers.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */

const Z = 1.959963984540054; // of the 95 % interval
const STEPS = 10; // of a region's overlap
const CELLS = [ // outcome, colour, words, what it is, for good and defective images
  ["TP", "hit", "true positive", "defective, predicted defective"],
  ["FN", "miss", "missed defect (FN)", "defective, predicted good"],
  ["FP", "false alarm", "false alarm (FP)", "good, predicted defective"],
  ["TN", "good", "true negative", "good, predicted good"],
];
const SHARES = { recall: "recall", precision: "precision", false_positive_rate: "false positive rate" };

/**
 * @typedef {[from: number, to: number]} AreaRange
 * @typedef {{ range: AreaRange, interval: Packed, peaks: Packed, steps: Packed }} Size the regions of one size class:
 *   their highest scores, the scores at which each tenth of one is found, and the interval of their recall
 * @typedef {["outcome", string] | ["defect", string] | ["size", AreaRange]} Choice
 *
 * @typedef {object} Data all scores ascending
 * @property {Packed} good
 * @property {{ name: string, scores: Packed }[]} kinds
 * @property {string} no_kinds said where there are none
 * @property {Size[] | string} sizes or why there are none
 * @property {string[]} notes
 * @property {string} label
 * @property {string} follows key of the operating point of images
 * @property {string} follows_pixels
 * @property {Packed} thresholds low and high
 * @property {Packed} pixel_threshold one number, NaN where there is none
 * @property {Record<string, string>} helps
 * @property {{ outcome: string[], defect: string[], size: AreaRange[] }} chosen
 * @property {Record<string, string>} colours
 *
 * @typedef {{ chosen: Choice }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("tally", (root, emit, life) => {
  root.setAttribute("role", "group");
  const state = { root, parts: build(root), rows: { defect: new Map(), size: new Map() } };
  state.drawSoon = life.eachFrame(() => draw(state));
  life.hear("thresholds", (moved) => follow(state, moved));
  life.listen(root, "click", (event) => {
    const { choice } = event.target.closest("button") ?? {};
    if (choice) emit("chosen", choice);
  });
  return (data) => take(state, data);
});

function take(state, data) {
  const { root, parts } = state;
  root.setAttribute("aria-label", data.label);
  setColours(root, data.colours);
  [state.low, state.high] = numbers(data.thresholds);
  [state.pixel] = numbers(data.pixel_threshold);
  state.data = data;
  state.good = numbers(data.good);
  state.kinds = data.kinds.map(({ name, scores }) => ({ name, choice: ["defect", name], scores: numbers(scores) }));
  state.defective = state.kinds.reduce((sum, { scores }) => sum + scores.length, 0);
  state.sizes = typeof data.sizes === "string" ? [] : data.sizes.map((row) => ({
    name: `${grouped(row.range[0])}–${grouped(row.range[1])} px`, choice: ["size", row.range], range: row.range,
    peaks: numbers(row.peaks), steps: numbers(row.steps), interval: numbers(row.interval), at: state.pixel,
  }));
  for (const name of ["outcomes", "defects", "sizes"]) parts[name].title.title = data.helps[name];
  for (const name of Object.keys(SHARES)) parts.shares[name].title = data.helps[name];
  list(state, "defect", parts.defects, state.kinds, data.no_kinds);
  list(state, "size", parts.sizes, state.sizes, data.sizes);
  mark(state);
  draw(state);
}

function follow(state, { source, low, high }) {
  const { follows, follows_pixels: followsPixels } = state.data;
  if (source === follows) Object.assign(state, { low, high });
  else if (source === followsPixels) state.pixel = high;
  else return;
  state.drawSoon();
}

// --- counting ----------------------------------------------------------------------------------------------------

// How many of the ascending scores are >= threshold: none where there is no threshold.
function reaching(scores, threshold) {
  return Number.isNaN(threshold) ? 0 : scores.length - firstFrom(scores, threshold);
}

// Wilson's interval of a share, as wilson_interval in Python.
function wilson(found, total) {
  if (!total) return [NaN, NaN];
  const [share, weight] = [found / total, (Z * Z) / total];
  const middle = (share + weight / 2) / (1 + weight);
  const reach = (Z / (1 + weight)) * Math.sqrt((share * (1 - share)) / total + weight / (4 * total));
  return [found === 0 ? 0 : middle - reach, found === total ? 1 : middle + reach];
}

// --- drawing -----------------------------------------------------------------------------------------------------

function build(root) {
  const outcomes = block("Outcomes", "outcomes");
  const defects = block("Recall per defect type", "defects");
  const sizes = block("Recall per region size", "sizes");
  const matrix = element("div", "matrix");
  const parts = { outcomes, defects, sizes, matrix, cells: {}, shares: {}, rows: {}, review: element("div", "note") };
  matrix.append(element("span", ""), element("span", "column", "predicted defective"),
    element("span", "column", "predicted good"));
  for (const [name, colour, words] of CELLS) {
    if (name === "TP") matrix.append((parts.rows.defective = element("span", "side", "actually defective")));
    if (name === "FP") matrix.append((parts.rows.good = element("span", "side", "actually good")));
    const cell = (parts.cells[name] = element("button", `cell ${colour.replace(" ", "-")}`));
    const line = element("span", "words");
    line.append(element("span", "mark"), element("span", "", words));
    cell.append((cell.number = element("b", "")), line);
    Object.assign(cell, { type: "button", choice: ["outcome", name] });
    matrix.append(cell);
  }
  const shares = element("div", "shares");
  for (const [name, words] of Object.entries(SHARES)) {
    const share = (parts.shares[name] = element("span", "share"));
    share.append(element("span", "", words), (share.number = element("b", "")), (share.range = element("span", "")));
    shares.append(share);
  }
  outcomes.body.append(matrix, shares, parts.review, (parts.notes = element("div", "")));
  const blocks = element("div", "blocks");
  blocks.append(outcomes.section, defects.section, sizes.section);
  root.append(blocks);
  return parts;
}

function block(words, name) {
  const section = element("section", `block ${name}`);
  const title = element("h4", "title", words);
  const body = element("div", "body");
  section.setAttribute("aria-label", words);
  section.append(title, body);
  return { section, title, body };
}

// Keep a row for every bar, in this order, and the focus on it; a sentence where there is none.
function list(state, what, { body }, bars, sentence) {
  const rows = state.rows[what];
  const wanted = bars.map((bar) => {
    const row = rows.get(bar.name) ?? line(bar);
    return Object.assign((bar.row = row), { choice: bar.choice });
  });
  state.rows[what] = new Map(bars.map(({ name, row }) => [name, row]));
  if (!wanted.length) wanted.push(element("div", "note", sentence));
  if (wanted.length === body.children.length && wanted.every((row, place) => row === body.children[place])) return;
  const held = focused(body);
  const top = body.scrollTop;
  body.replaceChildren(...wanted);
  body.scrollTop = top;
  if (wanted.includes(held)) held.focus({ preventScroll: true });
}

function line({ name }) {
  const row = element("button", "row");
  const track = element("span", "track");
  track.append((row.bar = element("span", "bar")), (row.whisker = element("span", "whisker")));
  row.append(element("span", "name", name || "(no name)"), track, (row.number = element("span", "number")));
  row.type = "button";
  return row;
}

function mark({ data: { chosen }, parts, rows }) {
  const pressed = (button) => {
    const [what, which] = button.choice;
    const found = chosen[what].some((one) => String(one) === String(which));
    button.setAttribute("aria-pressed", String(found));
  };
  [...Object.values(parts.cells), ...rows.defect.values(), ...rows.size.values()].forEach(pressed);
}

function draw(state) {
  const { kinds, high } = state;
  for (const kind of kinds) kind.found = reaching(kind.scores, high);
  outcomes(state, kinds.reduce((sum, { found }) => sum + found, 0), reaching(state.good, high));
  for (const { row, name, found, scores: { length: total } } of kinds) {
    const range = wilson(found, total);
    bar(row, found, total, range, `${name}: ${found} of ${total} found${between(range)}`);
  }
  for (const { row, range: [from, to], peaks, steps, interval, at } of state.sizes) {
    const found = reaching(peaks, state.pixel);
    const range = at === state.pixel ? interval : [NaN, NaN]; // resampled images: Python's work
    const marked = reaching(steps, state.pixel) / (STEPS * peaks.length);
    bar(row, found, peaks.length, range, `${grouped(from)} to ${grouped(to)} pixels: ${found} of ${peaks.length} regions `
      + `found${between(range)}\non average ${percent(marked)} of a region is marked`);
  }
}

function outcomes(state, hits, alarms) {
  const { parts, defective, good, kinds, low, high } = state;
  const counts = { TP: hits, FN: defective - hits, FP: alarms, TN: good.length - alarms };
  const known = { TP: defective, FN: defective, FP: good.length, TN: good.length };
  for (const [name, , words, meaning] of CELLS) {
    const cell = parts.cells[name];
    cell.number.textContent = grouped(counts[name]);
    cell.classList.toggle("none", counts[name] === 0);
    cell.hidden = !known[name];
    cell.title = `${words}: ${meaning}`;
    cell.setAttribute("aria-label", `${grouped(counts[name])} ${words}: ${meaning}`);
  }
  parts.rows.defective.hidden = !defective;
  parts.rows.good.hidden = !good.length;
  parts.matrix.hidden = !defective && !good.length;
  share(parts.shares.recall, hits, defective, defective > 0);
  share(parts.shares.precision, hits, hits + alarms, defective > 0 && good.length > 0);
  share(parts.shares.false_positive_rate, alarms, good.length, good.length > 0);
  const all = [good, ...kinds.map(({ scores }) => scores)];
  const doubtful = all.reduce((sum, scores) => sum + reaching(scores, low) - reaching(scores, high), 0);
  parts.review.hidden = !doubtful;
  parts.review.textContent = `${grouped(doubtful)} to review: below the NG threshold, so counted as predicted good.`;
  parts.notes.replaceChildren(...state.data.notes.map((note) => element("div", "note", note)));
}

function share(part, found, total, known) {
  const [low, high] = wilson(found, total);
  part.hidden = !known;
  part.number.textContent = total ? (found / total).toFixed(3) : "—";
  const digits = high - low >= 0.02 ? 2 : 3;
  part.range.textContent = total ? `[${low.toFixed(digits)}, ${high.toFixed(digits)}]` : "";
  Object.assign(part.dataset, { found, total, low, high });
}

function bar(row, found, total, [low, high], words) {
  row.bar.style.width = `${(100 * found) / total}%`;
  row.whisker.hidden = Number.isNaN(low);
  row.whisker.style.left = `${100 * low}%`;
  row.whisker.style.width = `${100 * (high - low)}%`;
  row.number.textContent = `${grouped(found)}/${grouped(total)}`;
  row.title = words;
  row.setAttribute("aria-label", words);
  Object.assign(row.dataset, { found, total, low, high });
}

// --- small things ------------------------------------------------------------------------------------------------

function between([low, high]) {
  return Number.isNaN(low) ? "" : ` (95 %: ${percent(low)} to ${percent(high)})`;
}

function percent(part) {
  return `${Math.round(100 * part)} %`;
}
