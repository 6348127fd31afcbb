// What the thresholds mean: how many of each class lie in each zone, on the screen and for a screen reader.

import { element, put } from "../lib/dom.js";
import { grouped } from "../lib/numbers.js";
import { written } from "./axis.js";
import { areExact } from "./counts.js";
import { CUT, MARKED, WORDS, ZONES } from "./parts.js";
/** @import { Counts } from "./counts.js" */
/** @import { Handle, Label, State, Zone } from "./state.js" */

/** @type {Record<Zone, Partial<Record<Label, [words: string, colour: string]>>>} */
const JUDGED = {
  ok: { good: ["", "good"], defective: ["missed", "miss"] },
  review: {},
  ng: { good: ["false alarms", "false-alarm"], defective: ["found", "hit"] },
};

/**
 * The words for the zones.
 * @param {State} state
 */
export function wordsOf({ data }) {
  return data.zone ? WORDS : data.unit === "images" ? CUT : MARKED;
}

/**
 * Say of a handle where it stands and what that means.
 * @param {State} state
 * @param {Handle} which
 * @param {Record<Zone, Counts>} counted
 */
export function describeHandle(state, which, counted) {
  const { data, axis } = state;
  const value = state[which];
  const words = wordsOf(state);
  const name = data.named.find((entry) => entry.value === value)?.label;
  const meaning = ZONES.filter((zone) => words[zone])
    .map((zone) => `${words[zone]}: ${spoken(state, counted[zone])}`).join("; ");
  const between = which === "low" ? "Threshold between OK and review" : "Threshold between review and NG";
  put(state.parts.flags[which], {
    "aria-label": data.zone ? between : `Threshold of the predicted ${data.unit}`,
    "aria-valuemin": axis.low, "aria-valuemax": axis.high, "aria-valuenow": value,
    "aria-valuetext": [written(axis, value), name, meaning].filter(Boolean).join("; "),
  });
}

/**
 * @param {State} state
 * @param {Counts} counts
 */
function spoken({ classes, low, high }, counts) {
  const exact = areExact(classes, { low, high });
  return classes.filter(({ total }) => total)
    .map(({ name }) => `${rounded(counts[name], exact)} ${name}`).join(", ") || "none";
}

/**
 * Fill the cell of a zone: its range of scores, and a line for each class.
 * @param {State} state
 * @param {Zone} zone
 * @param {Counts} counts
 */
export function fillZone(state, zone, counts) {
  const { classes, data, low, high } = state;
  const cell = state.parts.cells[zone];
  const [name, range] = [wordsOf(state)[zone], rangeOf(state, zone)];
  const exact = areExact(classes, { low, high });
  const head = element("div", "head", element("b", "", name), element("span", "range", range));
  const lines = classes.filter(({ total }) => total)
    .map((one) => countLine(zone, one.name, counts[one.name], one.total, exact));
  cell.classList.toggle("empty", zone === "review" && low === high);
  cell.replaceChildren(head, ...lines);
  cell.title = `${name}: ${range} (${data.unit})`;
}

/**
 * @param {State} state
 * @param {Zone} zone
 */
function rangeOf({ axis, low, high }, zone) {
  if (zone === "ok") return `score < ${written(axis, low)}`;
  if (zone === "ng") return `score ≥ ${written(axis, high)}`;
  return low === high ? "no review zone" : `${written(axis, low)} to < ${written(axis, high)}`;
}

/**
 * @param {Zone} zone
 * @param {Label} name
 * @param {number} count
 * @param {number} total
 * @param {boolean} exact
 */
function countLine(zone, name, count, total, exact) {
  const [words, colour] = JUDGED[zone][name] ?? ["", "unknown"];
  const number = element("span", "n", rounded(count, exact));
  Object.assign(number.dataset, { zone, class: name });
  return element("div", `count ${colour}`, number, element("span", "", [name, words].filter(Boolean).join(", ")),
    element("span", "share", `${(100 * count / total).toFixed(1)} %`));
}

/**
 * @param {number} count
 * @param {boolean} exact
 */
function rounded(count, exact) {
  return `${exact ? "" : "≈ "}${grouped(Math.round(count))}`;
}
