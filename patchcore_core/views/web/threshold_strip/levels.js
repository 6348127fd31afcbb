// Whether the thresholds of images or of pixels are shown.

import { button, element } from "../lib/dom.js";
/** @import { Data, Level } from "./threshold_strip.js" */

/** @type {[Level, string, string][]} */
const LEVELS = [
  ["images", "Image", "The image threshold: an image is predicted defective if its score reaches it"],
  ["pixels", "Pixel",
    "The pixel threshold sets the predicted segmentation; it does not affect the prediction for the image"],
];

export class LevelButtons {
  #buttons;

  /** @param {(level: Level) => void} choose */
  constructor(choose) {
    this.#buttons = LEVELS.map(([level, words, title]) =>
      button(words, () => choose(level), { name: "button level", title, label: `${words} threshold` }));
    this.root = element("div", "levels", ...this.#buttons);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Level of the threshold");
  }

  /** @param {Data} data */
  take({ level, sides }) {
    LEVELS.forEach(([name], place) => {
      this.#buttons[place].setAttribute("aria-pressed", String(name === level));
      this.#buttons[place].disabled = sides[name] === null;
    });
  }
}
