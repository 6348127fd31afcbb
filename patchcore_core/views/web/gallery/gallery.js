// @ts-nocheck
// Thumbnails of any number of images, one of them selected. Only the cards in view are elements, and only their
// pictures are asked for (see pictures.js). Click, arrow keys, Page Up and Down, Home and End select, and the id is told.

import { element } from "../lib/dom.js";
import { say } from "../lib/events.js";
import { withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { digits, numbers } from "../lib/numbers.js";
import { Replies } from "../lib/replies.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */

const CHOOSE_MS = 120; // a held arrow key tells Python once it rests
const ASK_MS = 60; // so do pictures while scrolling
const ASK_AGAIN_MS = 5000;
const AT_ONCE = 24; // pictures asked for in one go
const KEPT = 3000; // pictures
const GAP = 6; // pixels between cards
const NARROWEST = 104; // pixels, of a card
const TEXT = 3.1; // rem, below the picture
const BEYOND = 1; // rows or columns drawn beyond what is seen
const MARKS = { "label correct": "✓", "label wrong": "✗", "mask wrong": "▧", unclear: "?" };

/**
 * @typedef {{ words: string[], places: number[] }} Coded a word for each image, as a place among the distinct ones
 *
 * @typedef {object} Data columns have one entry an image
 * @property {string[]} ids
 * @property {Packed} scores
 * @property {number[]} labels 1 defective, 0 good, -1 unknown
 * @property {Coded} kinds
 * @property {Coded} verdicts
 * @property {string} selected
 * @property {string} label
 * @property {string} album what the ids belong to
 * @property {string} channel
 * @property {string} follows key of an operating point, or ""
 * @property {string} shows key of a viewer, or ""
 * @property {[low: number, high: number] | null} thresholds
 * @property {"grid" | "strip"} layout
 * @property {number} height pixels
 * @property {Record<string, string>} colours
 *
 * @typedef {{ chosen: string }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("gallery", (root, emit, life) => {
  const sheet = element("div", "sheet");
  root.setAttribute("role", "listbox");
  root.tabIndex = 0;
  root.append(sheet);
  const state = { root, sheet, cards: new Map(), pictures: new Map(), notes: new Map(), replies: new Replies(),
    active: -1, telling: life.timer(), asking: life.timer(), tell: (id) => emit("chosen", id) };
  state.drawSoon = life.eachFrame(() => draw(state, false));
  state.recolourSoon = life.eachFrame(() => draw(state, true));
  life.hear("thresholds", (moved) => follow(state, moved));
  life.hear("pictures", (come) => receive(state, come));
  life.hear("step", (wanted) => step(state, wanted));
  life.watchSize(root, () => draw(state, true));
  life.atEnd(() => forgetPictures(state));
  life.listen(root, "scroll", state.drawSoon);
  life.listen(root, "click", (event) => {
    const card = event.target.closest(".card");
    if (card) choose(state, Number(card.dataset.place), 0);
  });
  life.listen(root, "keydown", (event) => {
    const place = target(state, event);
    if (place === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(state, place, CHOOSE_MS);
  });
  return (data) => take(state, data);
});

function take(state, data) {
  const { root } = state;
  if (data.album !== state.data?.album) forgetPictures(state);
  const listed = state.data?.ids;
  Object.assign(state, { data, scores: numbers(data.scores), thresholds: data.thresholds });
  root.classList.toggle("strip", data.layout === "strip");
  root.style.setProperty("--height", `${data.height}px`);
  root.setAttribute("aria-label", data.label);
  root.setAttribute("aria-orientation", data.layout === "strip" ? "horizontal" : "vertical");
  const selected = adopted(state, data);
  const moved = selected !== state.selected || !listed || listed.length !== data.ids.length ||
    listed.some((id, place) => id !== data.ids[place]);
  state.selected = selected;
  state.active = data.ids.indexOf(selected);
  if (moved) reveal(state, listed ? "near" : "start");
  draw(state, true);
}

// What is selected now: what Python says, unless a later choice is under way.
function adopted({ replies, telling, selected: chosen }, { selected, ids }) {
  const later = !replies.isCurrent(selected) || telling.runs;
  return later && ids.includes(chosen) ? chosen : selected;
}

function choose(state, place, wait) {
  const { ids, shows } = state.data;
  const id = ids[place];
  if (id !== state.selected) {
    say("show", { viewer: shows, id, before: place > 0, after: place < ids.length - 1 });
  }
  state.selected = id;
  state.active = place;
  reveal(state, "near");
  draw(state, true);
  state.telling.set(wait, () => {
    state.replies.tell(id);
    state.tell(id);
  });
}

// The neighbour in the list, asked for from elsewhere; the first one where none is selected.
function step(state, { gallery, by }) {
  const { ids, channel } = state.data;
  const place = state.active < 0 ? 0 : state.active + by;
  if (gallery === channel && place >= 0 && place < ids.length) choose(state, place, 0);
}

function target(state, event) {
  const { key } = event;
  const { columns, perPage } = layout(state);
  const last = state.data.ids.length - 1;
  const across = state.data.layout === "strip";
  const down = across ? 1 : columns;
  const page = Math.max(1, perPage) * (across ? 1 : columns);
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: down, ArrowUp: -down, PageDown: page, PageUp: -page };
  if (withModifier(event) || last < 0) return undefined;
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (!(key in steps)) return undefined;
  if (state.active < 0) return 0;
  const place = state.active + steps[key];
  if (key.startsWith("Page")) return Math.min(Math.max(place, 0), last);
  return place >= 0 && place <= last ? place : state.active;
}

// --- where the cards are -----------------------------------------------------------------------------------------

function layout(state) {
  const { root, data } = state;
  const text = TEXT * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const strip = data.layout === "strip";
  const wide = Math.max(root.clientWidth - 2 * GAP, NARROWEST);
  const columns = strip ? Math.max(data.ids.length, 1) : Math.max(1, Math.floor((wide + GAP) / (NARROWEST + GAP)));
  const width = strip ? NARROWEST : (wide + GAP) / columns - GAP;
  const height = width + text;
  const perPage = strip ? Math.floor(wide / (width + GAP)) : Math.floor(root.clientHeight / (height + GAP));
  return { strip, columns, width, height, perPage, rows: Math.ceil(data.ids.length / columns) };
}

function spot({ columns, width, height }, place) {
  const column = place % columns;
  return { x: GAP + column * (width + GAP), y: GAP + ((place - column) / columns) * (height + GAP) };
}

// First and one past the last place in view.
function seen(state, at) {
  const { root, data } = state;
  const [from, size, step] = at.strip
    ? [root.scrollLeft, root.clientWidth, at.width + GAP]
    : [root.scrollTop, root.clientHeight, at.height + GAP];
  const lines = at.strip ? 1 : at.columns;
  const first = Math.max(0, Math.floor((from - GAP) / step) - BEYOND) * lines;
  return [first, Math.min(data.ids.length, (Math.ceil((from + size - GAP) / step) + BEYOND) * lines)];
}

// Scroll until the selected card is in view: at the start in the middle, later no further than needed.
function reveal(state, how) {
  if (state.active < 0) return;
  const at = layout(state);
  stretch(state, at);
  const { x, y } = spot(at, state.active);
  const [name, size, from, length] = at.strip
    ? ["scrollLeft", state.root.clientWidth, x, at.width]
    : ["scrollTop", state.root.clientHeight, y, at.height];
  const now = state.root[name];
  if (how === "start") state.root[name] = from - (size - length) / 2;
  else if (from - GAP < now) state.root[name] = from - GAP;
  else if (from + length + GAP > now + size) state.root[name] = from + length + GAP - size;
}

function stretch(state, at) {
  state.sheet.style.width = at.strip ? `${GAP + at.columns * (at.width + GAP)}px` : "100%";
  state.sheet.style.height = `${GAP + at.rows * (at.height + GAP)}px`;
}

// --- drawing -----------------------------------------------------------------------------------------------------

function draw(state, all) {
  const at = layout(state);
  if (all) stretch(state, at);
  const [first, end] = seen(state, at);
  const inView = Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
  const kept = state.active >= 0 ? [...inView, state.active] : inView; // the listbox points to it, in view or not
  const places = new Set(kept.sort((one, two) => one - two));
  for (const [place, card] of state.cards) {
    if (places.has(place)) continue;
    card.remove();
    state.cards.delete(place);
  }
  let next = state.sheet.firstChild;
  for (const place of places) {
    const known = state.cards.get(place);
    const card = known ?? newCard(state, place);
    if (!known || all) fill(state, card, place, at);
    if (card === next) next = next.nextSibling;
    else state.sheet.insertBefore(card, next); // read out in order
  }
  if (state.active >= 0) state.root.setAttribute("aria-activedescendant", `card-${state.active}`);
  else state.root.removeAttribute("aria-activedescendant");
  askSoon(state, [...places]);
}

function newCard(state, place) {
  const card = element("div", "card");
  card.id = `card-${place}`;
  card.dataset.place = place;
  card.setAttribute("role", "option");
  card.parts = {
    picture: element("span", "picture"), mark: element("span", "mark"), score: element("span", "score"),
    verdict: element("span", "verdict"), kind: element("span", "kind"),
  };
  const line = element("span", "line");
  line.append(card.parts.mark, card.parts.score, card.parts.verdict);
  card.append(card.parts.picture, line, card.parts.kind);
  state.cards.set(place, card);
  return card;
}

function fill(state, card, place, at) {
  const { data } = state;
  const id = data.ids[place];
  const { x, y } = spot(at, place);
  card.style.cssText = `width:${at.width}px;height:${at.height}px;transform:translate(${x}px,${y}px)`;
  card.dataset.id = id;
  card.setAttribute("aria-posinset", place + 1);
  card.setAttribute("aria-setsize", data.ids.length);
  card.setAttribute("aria-selected", String(place === state.active));
  const kind = word(data.kinds, place) || "unknown";
  const verdict = word(data.verdicts, place);
  const score = digits(state.scores[place]);
  card.parts.kind.textContent = kind;
  card.parts.score.textContent = score;
  card.parts.verdict.textContent = verdict && (MARKS[verdict] ?? "•");
  const outcome = judge(state, card, place);
  const note = state.notes.get(id);
  card.classList.toggle("noted", Boolean(note));
  card.setAttribute("aria-label", [id, `score ${score}`, outcome, kind, verdict && `verdict: ${verdict}`, note]
    .filter(Boolean).join(", "));
  card.title = [id, `${score}: ${outcome}`, kind, verdict && `verdict: ${verdict}`, note].filter(Boolean).join("\n");
  paint(state, card, id);
}

// Colour and shape of the mark, and the words for it.
function judge(state, card, place) {
  const { data, thresholds } = state;
  const [name, words] = outcome(state.scores[place], data.labels[place], thresholds);
  card.parts.mark.className = `mark ${name.replace(" ", "-")}`;
  card.parts.mark.style.setProperty("--mark", data.colours[name] ?? data.colours.unknown);
  card.dataset.outcome = words;
  return words;
}

function outcome(score, label, thresholds) {
  if (!thresholds || Number.isNaN(score)) return ["unknown", "no prediction"];
  const [low, high] = thresholds;
  if (score >= low && score < high) return ["review", "to review"];
  const found = score >= high;
  if (label === 1) return found ? ["hit", "true positive"] : ["miss", "missed defect"];
  if (label === 0) return found ? ["false alarm", "false alarm"] : ["good", "true negative"];
  return ["unknown", found ? "predicted defective, label unknown" : "predicted good, label unknown"];
}

function follow(state, { source, low, high }) {
  if (!state.data.follows || source !== state.data.follows) return;
  state.thresholds = [low, high];
  state.recolourSoon();
}

// --- pictures ----------------------------------------------------------------------------------------------------

function paint(state, card, id) {
  const url = state.pictures.get(id);
  const { picture } = card.parts;
  if (picture.url === url && picture.shown === id) return;
  Object.assign(picture, { url, shown: id });
  if (!url) {
    picture.replaceChildren(url === "" ? "not readable" : "");
    return;
  }
  const image = element("img", "");
  Object.assign(image, { src: url, alt: "", draggable: false, decoding: "async" });
  picture.replaceChildren(image);
}

function askSoon(state, places) {
  state.asking.stop();
  const now = performance.now();
  const lacking = places.map((place) => state.data.ids[place]).filter((id) => !state.pictures.has(id));
  if (!lacking.length) return;
  const waited = now - (state.waiting ?? -ASK_AGAIN_MS); // one question at a time: the next would cut its run short
  state.asking.set(Math.max(ASK_MS, ASK_AGAIN_MS - waited), () => {
    state.waiting = performance.now();
    say("pictures-wanted", { channel: state.data.channel, ids: lacking.slice(0, AT_ONCE) });
    askSoon(state, places); // asks again where no answer comes
  });
}

function receive(state, { album, channel, pictures }) {
  if (channel !== state.data?.channel || album !== state.data.album) return;
  state.waiting = undefined;
  for (const [id, file, note] of pictures) {
    if (state.pictures.has(id)) continue;
    if (note) state.notes.set(id, note);
    state.pictures.set(id, file.length ? URL.createObjectURL(new Blob([file])) : "");
  }
  const shown = new Set([...state.cards.keys()].map((place) => state.data.ids[place]));
  for (const id of state.pictures.keys()) {
    if (state.pictures.size <= KEPT) break;
    if (!shown.has(id)) forget(state, id);
  }
  draw(state, true);
}

function forgetPictures(state) {
  for (const id of state.pictures.keys()) forget(state, id);
}

function forget(state, id) {
  const url = state.pictures.get(id);
  if (url) URL.revokeObjectURL(url);
  state.pictures.delete(id);
  state.notes.delete(id);
}

// --- small things ------------------------------------------------------------------------------------------------

function word({ words, places }, place) {
  return words[places[place]] ?? "";
}
