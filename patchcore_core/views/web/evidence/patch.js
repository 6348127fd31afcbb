// One patch with its surroundings beside the nearest ones of good photos.

import { element } from "../lib/dom.js";
/** @import { Near, Patch } from "./data.js" */

/**
 * @param {Patch} patch
 * @param {[name: string, share: number][]} layers shares of its squared distance
 */
export function drawnPatch({ score, standing, scale, address, near, note }, layers) {
  const own = figure(address, "this patch", "This photo's patch with its surroundings", `score ${score} ${scale}`.trim());
  const others = near.map((one, place) => nearFigure(one, place + 1));
  const shares = layers.map(([name, share]) => `${name} ${Math.round(100 * share)} %`).join(", ");
  return [
    element("p", "standing", standing),
    element("div", "patches", own, ...others),
    ...(shares ? [element("p", "about", `Share of the layers in the squared distance: ${shares}.`)] : []),
    ...(note ? [element("p", "warning", note)] : []),
    ...new Set(near.flatMap((one) => (one.note ? [`${one.name}: ${one.note}`] : []))),
  ].map((part) => (typeof part === "string" ? element("p", "warning", part) : part));
}

/**
 * @param {Near} near
 * @param {number} number
 */
function nearFigure({ distance, name, place, address, note }, number) {
  const words = `distance ${distance}`;
  const made = figure(address, words, `Nearest good patch ${number}`, name, note || "no picture");
  made.title = [name, place, note].filter(Boolean).join("\n");
  return made;
}

/**
 * A picture with its words; where there is no picture, why.
 * @param {string} address
 * @param {string} words
 * @param {string} alt
 * @param {string} below
 * @param {string} [lacking]
 */
function figure(address, words, alt, below, lacking = "could not be loaded") {
  const made = element("figure");
  const image = Object.assign(element("img"), { alt, src: address });
  const none = () => element("span", "none", lacking);
  image.onerror = () => image.replaceWith(none());
  made.append(address ? image : none(), element("figcaption", "", element("b", "", words), element("span", "name", below)));
  return made;
}
