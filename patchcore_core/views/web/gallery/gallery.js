// Thumbnails of any number of images, one of them selected. Only the cards in view are elements, and only their
// pictures are fetched (see thumbnails.js). Click, arrow keys, Page Up and Down, Home and End select, and the id is told.

import { element } from "../lib/dom.js";
import { withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { numbers } from "../lib/numbers.js";
import { Replies } from "../lib/replies.js";
import { draw, revealSelected } from "./drawing.js";
import { gridOf, placeByKey } from "./grid.js";
import { Thumbnails } from "./thumbnails.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Emit, Life, Mount } from "../lib/life.js" */
/** @import { Data, State, Tells } from "./state.js" */

const CHOOSE_MS = 120; // a held arrow key tells Python once it rests

/** @type {Mount<Data, Tells>} */
export const mount = widget("gallery", (root, emit, life, first) => {
  const state = beginning(root, emit, life, first);
  root.setAttribute("role", "listbox");
  root.tabIndex = 0;
  root.append(state.sheet);
  const recolourSoon = life.eachFrame(() => draw(state, true));
  life.hear("thresholds", ({ source, low, high }) => {
    if (!state.data.follows || source !== state.data.follows) return;
    state.thresholds = [low, high];
    recolourSoon();
  });
  life.watchSize(root, () => draw(state, true));
  life.atEnd(() => state.thumbnails.forgetAll());
  life.listen(root, "scroll", life.eachFrame(() => draw(state, false)));
  life.listen(root, "click", ({ target }) => {
    const found = [...state.cards].find(([, { root: card }]) => target instanceof Node && card.contains(target));
    if (found) choose(state, found[0], 0);
  });
  life.listen(root, "keydown", (event) => {
    const place = withModifier(event) ? undefined : placeByKey(gridOf(root, state.data), event.key, state.active);
    if (place === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(state, place, CHOOSE_MS);
  });
  return (data) => take(state, data);
});

/**
 * @param {HTMLElement} root
 * @param {Emit<Tells>} emit
 * @param {Life} life
 * @param {Data} data
 * @returns {State}
 */
function beginning(root, emit, life, data) {
  const thumbnails = new Thumbnails(life.timer(), life.eachFrame(() => draw(state, true)));
  /** @type {State} */
  const state = {
    root, sheet: element("div", "sheet"), data, scores: [], thresholds: data.thresholds, listed: null,
    selected: data.selected, active: -1, cards: new Map(), thumbnails, replies: new Replies(), telling: life.timer(),
    tell: (id) => emit("chosen", id),
  };
  return state;
}

/**
 * @param {State} state
 * @param {Data} data
 */
function take(state, data) {
  const { root, listed } = state;
  const selected = adopted(state, data);
  const moved = selected !== state.selected || !listed || listed.length !== data.ids.length ||
    listed.some((id, place) => id !== data.ids[place]);
  Object.assign(state, { data, scores: numbers(data.scores), thresholds: data.thresholds, listed: data.ids, selected,
    active: data.ids.indexOf(selected) });
  root.classList.toggle("strip", data.layout === "strip");
  root.style.setProperty("--height", `${data.height}px`);
  root.setAttribute("aria-label", data.label);
  root.setAttribute("aria-orientation", data.layout === "strip" ? "horizontal" : "vertical");
  if (moved) revealSelected(state, listed ? "near" : "middle");
  draw(state, true);
}

/**
 * What is selected now: what Python says, unless a later choice is under way.
 * @param {State} state
 * @param {Data} data
 */
function adopted({ replies, telling, selected: chosen }, { selected, ids }) {
  const later = !replies.isCurrent(selected) || telling.runs;
  return later && ids.includes(chosen) ? chosen : selected;
}

/**
 * @param {State} state
 * @param {number} place
 * @param {number} wait milliseconds before Python is told
 */
function choose(state, place, wait) {
  const id = state.data.ids[place];
  Object.assign(state, { selected: id, active: place });
  revealSelected(state, "near");
  draw(state, true);
  state.telling.set(wait, () => {
    state.replies.tell(id);
    state.tell(id);
  });
}
