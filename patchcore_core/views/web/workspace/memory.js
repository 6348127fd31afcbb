// Which panes were chosen last in this browser.

const NAME = "patchcore:workspace"; // in the browser's own store
export const ALL = ["photo", "truth", "map", "prediction"];

/** @returns {string[]} */
export function rememberedPanes() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "null");
    return Array.isArray(kept?.panes) && kept.panes.length ? kept.panes : ALL;
  } catch {
    return ALL;
  }
}

/** @param {string[]} panes */
export function rememberPanes(panes) {
  try {
    localStorage.setItem(NAME, JSON.stringify({ panes }));
  } catch {
    // a browser that keeps nothing
  }
}
