// What a person has chosen, as it stands in the address: read from it and written to it, so that a copied link shows the
// same. Old links keep their meaning: former words are known, and what is not of the right kind is passed over.

/** @import { Box, Range as Limits } from "../../viewer/payload.js" */
/** @import { Chosen, Data, Range, Several, Shown, State } from "../data.js" */
import { DEFAULT_ORDER } from "./listing.js";
import { SHORT, TRAINING, isMark, offered } from "./outcomes.js";

export const FLAGS = ["truth_outline", "prediction_outline", "judged", "peak"];
export const PANES = ["photo", "truth", "map", "prediction", "map2", "prediction2"];
export const OPACITY = 0.7;
const NO_CAUSE = "no cause found";
const NO_VERDICT = "no verdict";
const NAMED = /** @type {const} */ (["threshold", "review_from", "pixel_threshold", "beside_threshold"]);
export const METHODS = ["quantile", "sds", "fpr", "escape", "overkill", "defect_rate", "look"];

/** @type {Record<string, Record<string, string>>} former words of links, and the present ones */
const RENAMED = {
  outcome: { hit: "true positive", miss: "missed defect (FN)", "false alarm": "false alarm (FP)",
    "correctly good": "true negative" },
  cause: { "localised well, but below the image threshold": "localised; score below the NG threshold",
    "peak outside the mask": "maximum outside the ground truth",
    "nearly the same photo as a training image": "near-duplicate of a training image" },
  verdict: { agree: "label correct" },
};

/** @typedef {Record<Several, [key: string, words: string][]>} Vocabulary keys of filters and their words */

/**
 * @param {Pick<Data, "words" | "images">} data
 * @returns {Vocabulary}
 */
export function vocabularyOf({ words, images }) {
  const unnamed = images.kinds.words.includes("unknown") ? "(no type)" : "unknown";
  const marks = offered(images.labels).filter(isMark);
  return {
    outcome: [...(images.labels.includes(TRAINING) ? [] : Object.entries(words.outcomes)), ...marks.map((mark) => /** @type {[string, string]} */ (
      [mark, SHORT[mark]]))],
    defect: images.kinds.words.map((kind) => [kind, kind || unnamed]),
    cause: [...words.causes.map(([key, said]) => /** @type {[string, string]} */ ([key, said])), ["", NO_CAUSE]],
    verdict: [...Object.entries(words.verdicts).filter(([key]) => key), ["", NO_VERDICT]],
    tag: [],
  };
}

/**
 * @param {string} search of the address
 * @param {Vocabulary} vocabulary
 * @param {string[]} orders that have data
 * @returns {State}
 */
export function stateOf(search, vocabulary, orders) {
  const given = new URLSearchParams(search);
  const one = (/** @type {string} */ name) => given.get(name) ?? "";
  const chosen = {
    outcome: keysOf("outcome", given, vocabulary), defect: keysOf("defect", given, vocabulary),
    cause: keysOf("cause", given, vocabulary), verdict: keysOf("verdict", given, vocabulary),
    tag: [...new Set(given.getAll("tag"))], q: one("q"), score: rangeOf(given.getAll("score")),
    size: rangeOf(given.getAll("size")), order: orders.includes(one("order")) ? one("order") : orders[0] ?? DEFAULT_ORDER,
  };
  const named = { threshold: one("threshold"), review_from: one("review_from"),
    pixel_threshold: one("pixel_threshold"), beside_threshold: one("beside_threshold") };
  const methods = METHODS.filter((name) => given.has(name)).map((name) => [name, one(name)]);
  return {
    chosen, named, image: one("image"), images: listOf(one("images")), shown: shownOf(given), beside: one("beside"),
    level: one("level") === "pixels" ? "pixels" : "images", without: one("without"),
    methods: Object.fromEntries(methods), rest: [...given].filter(([name]) => !KNOWN.has(name)),
  };
}

/**
 * The address of a state, "?…", in which only what differs from the default stands.
 * @param {string} run
 * @param {State} state
 * @param {Vocabulary} vocabulary
 * @param {string} order the default one
 */
export function searchOf(run, state, vocabulary, order) {
  const { chosen, shown } = state;
  /** @type {[string, string][]} */
  const pairs = [["run", run], ["images", state.images], ["image", state.image], ...NAMED.map((name) => /** @type {[string, string]} */ (
    [name, state.named[name]]))];
  for (const name of SEVERAL) {
    for (const key of chosen[name]) pairs.push([name, wordsOf(name, key, vocabulary)]);
  }
  pairs.push(["q", chosen.q], ["order", chosen.order === order ? "" : chosen.order]);
  for (const name of /** @type {const} */ (["score", "size"])) {
    for (const end of chosen[name] ?? []) pairs.push([name, String(end)]);
  }
  pairs.push(...writtenView(shown), ["beside", state.beside], ["level", state.level === "pixels" ? "pixels" : ""],
    ["without", state.without], ...Object.entries(state.methods), ...state.rest);
  return `?${new URLSearchParams(pairs.filter(([, value]) => value !== ""))}`;
}

/**
 * What of a state makes sense for another run: what is measured in scores or pixels does not.
 * @param {State} state
 * @returns {State}
 */
export function carriedOver(state) {
  const named = /** @type {State["named"]} */ (Object.fromEntries(
    NAMED.map((name) => [name, Number.isNaN(Number(state.named[name])) ? state.named[name] : ""])));
  return { ...state, named, chosen: { ...state.chosen, score: null, size: null }, beside: "", without: "",
    shown: { ...state.shown, box: null, limits: [] } };
}

const SEVERAL = /** @type {Several[]} */ (["outcome", "defect", "cause", "verdict", "tag"]);
const KNOWN = new Set(["run", "images", "image", ...NAMED, ...SEVERAL, "q", "order", "score", "size", "panes", "zoom", "opacity",
  "limits", "hidden", "beside", "level", "without", ...METHODS]);

/**
 * @param {string} name
 * @returns {State["images"]}
 */
const listOf = (name) => (name === "test" || name === "training" ? name : "");

/**
 * @param {Several} name
 * @param {URLSearchParams} given
 * @param {Vocabulary} vocabulary
 */
function keysOf(name, given, vocabulary) {
  const present = given.getAll(name).map((words) => RENAMED[name]?.[words] ?? words);
  return [...new Set(present)].flatMap((words) => {
    const found = vocabulary[name].find(([, said]) => said === words);
    return found ? [found[0]] : [];
  });
}

/**
 * @param {Several} name
 * @param {string} key
 * @param {Vocabulary} vocabulary
 */
function wordsOf(name, key, vocabulary) {
  return vocabulary[name].find(([known]) => known === key)?.[1] ?? key;
}

/**
 * @param {string[]} words
 * @returns {Range | null}
 */
function rangeOf(words) {
  const [from, to] = words.map((word) => (word.trim() ? Number(word) : NaN));
  return words.length >= 2 && Number.isFinite(from) && Number.isFinite(to) && from <= to ? [from, to] : null;
}

/**
 * The numbers of a list separated by commas; null where one of them is none.
 * @param {string | null} text
 */
function numbersOf(text) {
  if (!text) return null;
  const found = text.split(",").map((part) => (part.trim() ? Number(part) : NaN));
  return found.every(Number.isFinite) ? found : null;
}

/**
 * @param {URLSearchParams} given
 * @returns {Shown}
 */
function shownOf(given) {
  const panes = given.get("panes")?.split(",") ?? [];
  const hidden = given.get("hidden")?.split(",") ?? [];
  const [percent] = numbersOf(given.get("opacity")) ?? [NaN];
  return {
    panes: panes.length >= 1 && panes.length <= 4 && panes.every((pane) => PANES.includes(pane)) ? panes : null,
    box: boxOf(numbersOf(given.get("zoom"))), opacity: Number.isNaN(percent) ? OPACITY : clamp(percent / 100),
    limits: (given.get("limits")?.split(";") ?? []).map((pair) => limitsOf(numbersOf(pair))),
    hidden: FLAGS.filter((flag) => hidden.includes(flag)),
  };
}

/** @param {number} share */
const clamp = (share) => Math.min(Math.max(share, 0), 1);

/**
 * @param {number[] | null} found
 * @returns {Box | null}
 */
function boxOf(found) {
  if (found?.length !== 4) return null;
  const [top, left, bottom, right] = found;
  return top < bottom && left < right ? [top, left, bottom, right] : null;
}

/**
 * @param {number[] | null} found
 * @returns {Limits | null}
 */
function limitsOf(found) {
  return found?.length === 2 && found[0] < found[1] ? [found[0], found[1]] : null;
}

/**
 * @param {Shown} shown
 * @returns {[string, string][]}
 */
function writtenView({ panes, box, opacity, limits, hidden }) {
  const pairs = limits.map((pair) => (pair ? pair.map(short).join(",") : "")).join(";").replace(/;+$/, "");
  return [
    ["panes", panes?.join(",") ?? ""], ["zoom", box?.map(short).join(",") ?? ""], ["limits", pairs],
    ["opacity", opacity === OPACITY ? "" : String(Math.round(100 * opacity))],
    .../** @type {[string, string][]} */ (hidden.length ? [["hidden", hidden.join(",")]] : []),
  ];
}

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(6)));
