// Panels that open over the pictures, or beside them where the window is wide, and the buttons for them. Which are open
// is remembered in this browser.

import { mount as mountDrawers } from "../../drawers/drawers.js";
import { mount as mountToggles } from "../../drawers/toggles.js";
import { Child } from "../../lib/child.js";
import { remember, remembered } from "../memory.js";
import { contentsOf } from "./contents.js";
import { Teaching } from "./teaching.js";
/** @import { Panel } from "../../drawers/drawers.js" */
/** @import { Life } from "../../lib/life.js" */
/** @import { Data } from "../data.js" */
/** @import { Room } from "../room.js" */
/** @import { Content } from "./content.js" */

const WIDE = "(min-width: 1700px)"; // as in workspace.css
const BY_DEFAULT = { wide: ["curves"], narrow: [] };

export const TEACH = "teach";

/** @type {Record<"line" | "run" | "image", Panel[]>} by where their buttons stand; those of "line" have others */
const PANELS = {
  run: [
    { name: "curves", title: "Curves", key: "g", help: "ROC, precision and recall, pixel ROC, per-region overlap." },
    { name: "tally", title: "Recall", key: "t", help: "Outcomes, recall per defect type and per region size." },
    { name: "costs", title: "Costs", key: "k", help: "Parameters of the threshold methods, and costs in production." },
  ],
  line: [
    { name: "checks", title: "Data checks", key: "d", help: "What is to be known of the data and the fit." },
    { name: "figures", title: "All figures", key: "a", help: "All figures with 95 % intervals, also per defect type." },
  ],
  image: [
    { name: "regions", title: "Regions", key: "r", help: "True and predicted regions of this image." },
    { name: "causes", title: "Causes", key: "e", help: "Why this image may be missed or a false alarm." },
    { name: "evidence", title: "Evidence", key: "w",
      help: "Why it scores what it does: the nearest patches of good photos, and the score step by step." },
    { name: TEACH, title: "Teach", key: "b", help: "Add good photos to the memory bank; what changes is shown first." },
  ],
};
const ALL = [...PANELS.image, ...PANELS.run, ...PANELS.line];

export class Panels {
  drawers;
  runToggles;
  imageToggles;
  teaching;
  #lineKeys;
  /** @type {Map<string, Content>} */
  #contents;
  #room;
  #wide = matchMedia(WIDE);

  /**
   * @param {Data["styles"]} styles
   * @param {Room} room
   * @param {Life} life
   */
  constructor(styles, room, life) {
    const open = (/** @type {string} */ _, /** @type {string[]} */ names) => this.#open(names);
    this.#room = room;
    this.drawers = new Child("panels", mountDrawers, styles.drawers, open, life);
    this.runToggles = new Child("run-toggles", mountToggles, styles.drawers, open, life);
    this.imageToggles = new Child("image-toggles", mountToggles, styles.drawers, open, life);
    this.#lineKeys = new Child("line-toggles", mountToggles, styles.drawers, open, life);
    this.#lineKeys.host.hidden = true; // their buttons are those of the first line
    this.teaching = new Teaching(room, life);
    this.#contents = contentsOf(styles, room, this.teaching, life);
    this.#wide.addEventListener("change", room.draw, { signal: life.signal });
  }

  /** Names of those that are open. */
  get open() {
    return this.#kept.filter((name) => isOffered(this.#room.store, name));
  }

  /** Names of those that are to be open, also where there is nothing to show in one now. */
  get #kept() {
    const width = this.#wide.matches ? "wide" : "narrow";
    return remembered()[width] ?? BY_DEFAULT[width];
  }

  /** @param {string} name */
  toggle(name) {
    const others = this.open.filter((one) => one !== name);
    this.#open(others.length < this.open.length ? others : [...others, name]);
  }

  /**
   * Open this one unless it is.
   * @param {string} name
   */
  reveal(name) {
    if (!this.open.includes(name)) this.#open([...this.open, name]);
  }

  show() {
    const { open } = this;
    this.teaching.follow(open.includes(TEACH));
    const offered = (/** @type {Panel[]} */ some) => some.filter(({ name }) => isOffered(this.#room.store, name));
    const panels = offered(ALL).map((panel) => ({ ...panel,
      stale: open.includes(panel.name) && (this.#contents.get(panel.name)?.show() ?? false) }));
    const ofImage = offered(PANELS.image).map((panel) => panel.name === TEACH ? this.#waiting(panel) : panel);
    this.drawers.show({ panels, open });
    this.runToggles.show({ panels: offered(PANELS.run), open });
    this.imageToggles.show({ panels: ofImage, open });
    this.#lineKeys.show({ panels: offered(PANELS.line), open });
    for (const [name, { host }] of this.#contents) {
      const place = this.drawers.find(`[data-panel="${name}"] > .place`);
      if (place && host.parentElement !== place) place.append(host);
    }
    this.drawers.host.hidden = !panels.some(({ name }) => open.includes(name));
  }

  /**
   * The button says where trials wait.
   * @param {Panel} panel
   */
  #waiting(panel) {
    const { waiting } = this.teaching;
    return waiting ? { ...panel, title: `${panel.title} · ${waiting} on trial` } : panel;
  }

  /** @param {string[]} names */
  #open(names) {
    const others = this.#kept.filter((name) => !isOffered(this.#room.store, name));
    remember({ [this.#wide.matches ? "wide" : "narrow"]: [...names, ...others] });
    this.#room.answers.forgetErrors(); // what is opened again may be asked again
    this.#room.draw();
  }
}

/**
 * Whether there is anything to show: most panels are about test images, some about the one that is shown.
 * @param {Room["store"]} store
 * @param {string} name
 */
function isOffered({ which, data }, name) {
  if (PANELS.image.some((panel) => panel.name === name)) return which === "test";
  return data.images.names.length > 0 || ["checks", "figures"].includes(name);
}
