// The cards that are in view, as elements.

import { fill, newCard } from "./cards.js";
import { gridOf, placesInView, reveal, stretch } from "./grid.js";
/** @import { State } from "./state.js" */

/**
 * Draw the cards in view; those that are there already only where `all` has changed.
 * @param {State} state
 * @param {boolean} all
 */
export function draw(state, all) {
  const { root, sheet, data, cards, active } = state;
  const grid = gridOf(root, data);
  if (all) stretch(grid, sheet);
  const places = placesToDraw(placesInView(grid, root), active);
  for (const [place, card] of cards) {
    if (places.has(place)) continue;
    card.root.remove();
    cards.delete(place);
  }
  let next = sheet.firstChild;
  for (const place of places) {
    const known = cards.get(place);
    const card = known ?? newCard(place);
    cards.set(place, card);
    if (!known || all) fill(state, card, place, grid);
    if (card.root === next) next = next.nextSibling;
    else sheet.insertBefore(card.root, next); // read out in order
  }
  if (active >= 0) root.setAttribute("aria-activedescendant", `card-${active}`);
  else root.removeAttribute("aria-activedescendant");
  state.thumbnails.want([...places].map((place) => data.addresses[place]));
}

/**
 * In order: what is in view and, since the listbox points to it, what is selected.
 * @param {number[]} inView
 * @param {number} active
 */
function placesToDraw(inView, active) {
  const places = active >= 0 ? [...inView, active] : inView;
  return new Set(places.sort((one, two) => one - two));
}

/**
 * Scroll to what is selected.
 * @param {State} state
 * @param {"middle" | "near"} how
 */
export function revealSelected({ root, sheet, data, active }, how) {
  if (active < 0) return;
  const grid = gridOf(root, data);
  stretch(grid, sheet);
  reveal(grid, root, active, how);
}
