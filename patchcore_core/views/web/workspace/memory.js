// What was chosen last in this browser: panes, and the panels that are open in a wide window and in a narrow one.

const NAME = "patchcore:workspace"; // in the browser's own store

/**
 * @typedef {{ panes: string[] | null, wide: string[] | null, narrow: string[] | null }} Kept null: nothing was chosen
 */

/** @type {Partial<Kept>} what was chosen since the page was opened: some browsers keep nothing */
const here = {};

/** @returns {Kept} */
export function remembered() {
  /** @type {Partial<Kept> | null} */
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(NAME) ?? "null");
  } catch {
    // refused, or not ours
  }
  return { panes: words(kept?.panes), wide: words(kept?.wide), narrow: words(kept?.narrow), ...here };
}

/** @param {Partial<Kept>} kept */
export function remember(kept) {
  Object.assign(here, kept);
  try {
    localStorage.setItem(NAME, JSON.stringify(remembered()));
  } catch {
    // refused
  }
}

/** @param {unknown} value */
function words(value) {
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : null;
}
