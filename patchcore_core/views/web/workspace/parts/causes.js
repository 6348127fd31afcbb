// Why the image that is shown may be missed or a false alarm, and what each cause means.

/** @import { Data as Findings } from "../../findings/findings.js" */
/** @import { Room } from "../room.js" */
/** @import { Given } from "./content.js" */

const HINTS = "Causes are hints from the anomaly maps and masks, not proofs; an image may have several.";

/**
 * @param {Room} room
 * @returns {Given<Findings>}
 */
export function causesData({ store, answers }) {
  const { thresholds: { image: threshold }, model } = store;
  const number = store.current();
  const { value, busy, error } = answers.of("why", [number, threshold],
    { number, threshold: Number.isNaN(threshold) ? null : threshold });
  const known = busy || error ? null : value;
  return { busy, error, of: [known, number, model], data: known && { groups: [
    { title: "This image", items: ofImage(store, known, number) }, { title: "All causes", items: all(store) },
  ], lines: [HINTS], none: "" } };
}

/**
 * @param {Room["store"]} store
 * @param {Record<string, string>} sentences by cause
 * @param {number} number
 * @returns {Findings["groups"][0]["items"]}
 */
function ofImage({ data, model }, sentences, number) {
  const words = Object.fromEntries(data.words.causes.map(([key, said]) => [key, said]));
  const found = Object.entries(sentences).map(([key, sentence]) =>
    ({ level: /** @type {"note"} */ ("note"), label: words[key] ?? key, sentence, detail: "" }));
  if (found.length) return found;
  const wrong = ["FN", "FP"].includes(model.outcomes[number]);
  return [{ level: wrong ? "note" : "ok", label: wrong ? "Without a known cause" : "Predicted correctly",
    sentence: wrong ? "None of the causes that this run can compute applies." : "", detail: "" }];
}

/**
 * @param {Room["store"]} store
 * @returns {Findings["groups"][0]["items"]}
 */
function all({ data: { words }, model }) {
  return words.causes.map(([key, label, , sentence], bit) => {
    const count = model.causes.filter((bits) => bits & (1 << bit)).length;
    const detail = key in words.missing ? `not available for this run: ${words.missing[key]}`
      : `${count} ${count === 1 ? "image" : "images"}`;
    return { level: "note", label, sentence, detail };
  });
}
