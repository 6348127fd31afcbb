// What the state of the workspace makes it ask Python, and what the store then knows.

import { typedNumber } from "../../lib/numbers.js";
import { METHODS } from "../model/address.js";
import { NO_COSTS } from "../store.js";
/** @import { Found } from "../answers.js" */
/** @import { Answers, Checks, Level } from "../data.js" */
/** @import { Room } from "../room.js" */

/**
 * Ask what the thresholds and the orders depend on, and tell the store the answers.
 * @param {Room} room
 * @param {boolean} costs whether they are seen
 */
export function inform(room, costs) {
  const { store, answers } = room;
  const used = answers.told("used");
  store.know({ used: used && !used.error ? used.value : store.data.parts.used, beside: besideOf(room),
    costs: costs || Object.keys(store.state.methods).length ? costsOf(room) : NO_COSTS });
  const { pixel } = store.thresholds;
  const known = Number.isNaN(pixel) || store.data.overlap?.pixel === pixel;
  const overlap = known ? { value: store.data.overlap, busy: false } : answers.of("overlap", [pixel], { pixel });
  store.knowOverlap(overlap.value, overlap.busy);
}

/** @param {Room} room */
function costsOf({ store: { state: { methods }, thresholds: { from, image } }, answers }) {
  const needs = parametersOf(methods);
  const ends = { review_from: orNull(from), threshold: orNull(image) };
  return answers.of("costs", [...Object.values(needs).map(String), from, image], { ...needs, ...ends });
}

/** @param {Record<string, string>} methods as typed */
function parametersOf(methods) {
  return Object.fromEntries(METHODS.map((name) => [name, numberOf(methods[name])]));
}

/**
 * The pixel thresholds of the second run.
 * @param {Room} room
 * @returns {Level | null}
 */
function besideOf({ store: { state: { beside }, data: { parts } }, answers }) {
  if (!beside) return null;
  if (parts.beside?.run === beside) return parts.beside.level;
  const { value, busy } = answers.of("beside", [beside], { run: beside });
  return busy ? null : value?.level ?? null;
}

/**
 * The data checks at the threshold in use.
 * @param {Room} room
 * @returns {Pick<Found<Checks>, "value" | "busy" | "error">}
 */
export function checksOf({ store: { data, thresholds: { image }, usual, state: { named, methods } }, answers }) {
  const name = data.image.points.some((one) => one.name === named.threshold) ? named.threshold : "";
  if (image === usual && (!name || name === data.image.default)) {
    return { value: data.parts.checks, busy: false, error: "" };
  }
  const { value, busy, error } = answers.of("checks", [image, name],
    { threshold: orNull(image), name, ...parametersOf(methods) });
  return { value: value ?? data.parts.checks, busy, error };
}

/**
 * The figures without the images that are marked as label wrong, where they are wanted.
 * @param {Room} room
 * @returns {Found<Answers["without"]> | null}
 */
export function figuresWithout({ store: { state: { without }, wrong }, answers }) {
  return without && wrong.length ? answers.of("without", wrong, { numbers: wrong }) : null;
}

/**
 * The figures of the images that are listed, where these are not all.
 * @param {Room} room
 * @returns {Found<Answers["listed"]> | null}
 */
export function figuresOfListed({ store: { list, table, which, thresholds: { image, pixel } }, answers }) {
  if (which !== "test" || list.length === table.count) return null;
  return answers.of("listed", [image, pixel, list.join(",")],
    { numbers: list, threshold: orNull(image), pixel: orNull(pixel) });
}

/**
 * The regions of the image that is shown.
 * @param {Room} room
 */
export function regionsOf({ store, answers }) {
  const [number, { pixel }] = [store.current(), store.thresholds];
  return answers.of("regions", [number, pixel], { number, pixel: orNull(pixel) });
}

/**
 * A number typed for a method; null where none is set.
 * @param {string | undefined} typed
 */
export function numberOf(typed = "") {
  return orNull(typedNumber(typed));
}

/** @param {number} value */
const orNull = (value) => (Number.isNaN(value) ? null : value);
