// A report: the screens of a presentation one below the other, and the runs to look into. It needs no server.

import { button, element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { detailsOf } from "../present/details.js";
import { drawn } from "../present/screens.js";
import { Explorer } from "./explorer.js";
import { Parts } from "./unpack.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Data as Evidence } from "../evidence/data.js" */
/** @import { Costs } from "../present/data.js" */
/** @import { Data } from "./data.js" */

const THEMES = ["light", "dark"];

/** @type {Mount<Data, Record<string, never>>} */
export const mount = widget("report", (root, _, life, first) => {
  const costs = { ...first.costs };
  const given = {
    costs, changed: (/** @type {Costs} */ typed) => void Object.assign(costs, typed),
    fill: (/** @type {HTMLImageElement} */ image, /** @type {string} */ address) => void (image.src = address),
    details: (/** @type {Evidence} */ evidence) =>
      detailsOf(evidence, first.styles.evidence, life, (address) => Promise.resolve(address)),
  };
  const parts = new Parts(first.parts);
  const explorers = first.explored.map((run) => new Explorer(run, parts, first.styles, life));
  root.append(
    element("div", "top", themes()),
    ...first.screens.map((screen) => drawn(screen, given)),
    ...explorers.map((explorer) => explorer.root),
    element("p", "made", first.made),
  );
  for (const explorer of explorers) explorer.show();
  return () => {};
});

/** Light or dark, whatever the system prefers. */
function themes() {
  const { dataset } = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const made = button("", () => {
    dataset.theme = THEMES[1 - THEMES.indexOf(dataset.theme ?? "")];
    name();
  }, { name: "theme" });
  const name = () => {
    made.textContent = dataset.theme === "dark" ? "Light" : "Dark";
  };
  dataset.theme = dark ? "dark" : "light";
  name();
  return made;
}
