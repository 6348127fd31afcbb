// A card: the picture of an image, its score, a mark for what the thresholds call it, its verdict and its kind.

import { cssName, element, put } from "../lib/dom.js";
import { digits } from "../lib/numbers.js";
import { spot } from "./grid.js";
/** @import { Grid } from "./grid.js" */
/** @import { Coded, State, Thresholds } from "./state.js" */

const TRAINING = 2; // label of training images
/** @type {Record<string, string>} */
const MARKS = { "label correct": "✓", "label wrong": "✗", "mask wrong": "▧", unclear: "?" };

/**
 * @typedef {object} Card
 * @property {HTMLElement} root
 * @property {Record<"picture" | "mark" | "score" | "verdict" | "kind", HTMLElement>} parts
 * @property {{ id: string, url: string | undefined }} painted its picture
 */

/**
 * @param {number} place
 * @returns {Card}
 */
export function newCard(place) {
  const parts = {
    picture: element("span", "picture"), mark: element("span", "mark"), score: element("span", "score"),
    verdict: element("span", "verdict"), kind: element("span", "kind"),
  };
  const root = element("div", "card", parts.picture, element("span", "line", parts.mark, parts.score, parts.verdict),
    parts.kind);
  put(root, { id: `card-${place}`, "data-place": place, role: "option" });
  return { root, parts, painted: { id: "", url: undefined } };
}

/**
 * Show an image on its card.
 * @param {State} state
 * @param {Card} card
 * @param {number} place
 * @param {Grid} grid
 */
export function fill({ data, scores, thresholds, thumbnails, active }, card, place, grid) {
  const { root, parts } = card;
  const id = data.ids[place];
  const { x, y } = spot(grid, place);
  const kind = word(data.kinds, place) || "unknown";
  const verdict = word(data.verdicts, place);
  const score = digits(scores[place]);
  const [colour, outcome] = outcomeOf(scores[place], data.labels[place], thresholds);
  const { url, note } = thumbnails.get(data.addresses[place]) ?? {};
  root.style.cssText = `width:${grid.width}px;height:${grid.height}px;transform:translate(${x}px,${y}px)`;
  parts.kind.textContent = kind;
  parts.score.textContent = score;
  parts.verdict.textContent = verdict && (MARKS[verdict] ?? "•");
  parts.mark.className = `mark ${cssName(colour)}`;
  parts.mark.style.setProperty("--mark", data.colours[colour] ?? data.colours.unknown);
  root.classList.toggle("noted", Boolean(note));
  const more = [kind, verdict && `verdict: ${verdict}`, note];
  put(root, {
    "data-id": id, "data-outcome": outcome, "aria-posinset": place + 1, "aria-setsize": data.ids.length,
    "aria-selected": String(place === active),
    "aria-label": [id, `score ${score}`, outcome, ...more].filter(Boolean).join(", "),
  });
  root.title = [id, `${score}: ${outcome}`, ...more].filter(Boolean).join("\n");
  paint(card, id, url);
}

/**
 * The name of the colour, and the words for what the thresholds make of an image.
 * @param {number} score
 * @param {number} label
 * @param {Thresholds | null} thresholds
 * @returns {[colour: string, words: string]}
 */
function outcomeOf(score, label, thresholds) {
  if (!thresholds || Number.isNaN(score)) return ["unknown", "no prediction"];
  const [low, high] = thresholds;
  if (score >= low && score < high) return ["review", "to review"];
  const found = score >= high;
  if (label === 1) return found ? ["hit", "true positive"] : ["miss", "missed defect"];
  if (label === 0) return found ? ["false alarm", "false alarm"] : ["good", "true negative"];
  if (label === TRAINING) return ["unknown", found ? "NG, training image" : "OK, training image"];
  return ["unknown", found ? "predicted defective, label unknown" : "predicted good, label unknown"];
}

/**
 * Show this picture, or what there is to say instead, unless it is shown already.
 * @param {Card} card
 * @param {string} id
 * @param {string | undefined} url
 */
function paint(card, id, url) {
  if (card.painted.id === id && card.painted.url === url) return;
  card.painted = { id, url };
  if (!url) {
    card.parts.picture.replaceChildren(url === "" ? "not readable" : "");
    return;
  }
  const image = Object.assign(element("img"), { alt: "", draggable: false, decoding: /** @type {const} */ ("async") });
  image.src = url;
  card.parts.picture.replaceChildren(image);
}

/**
 * @param {Coded} coded
 * @param {number} place
 */
function word({ words, places }, place) {
  return words[places[place]] ?? "";
}
