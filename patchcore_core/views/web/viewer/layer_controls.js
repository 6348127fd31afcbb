// The controls of one layer: its threshold and its colour scale.

import { element } from "../lib/dom.js";
import { digits } from "../lib/numbers.js";
import { field, numberInput, slider, toolButton } from "./fields.js";
/** @import { Layer } from "./payload.js" */
/** @import { Store } from "./store.js" */

const SLIDER_STEPS = 1000;
const COLOURS = 18; // of the colour bar

export class LayerControls {
  #store;
  #number;
  #layer;
  #slider;
  #threshold;
  #low;
  #high;
  #tick = element("span", "tick");
  #reset;

  /**
   * @param {Store} store
   * @param {number} number of the layer
   * @param {Layer} layer
   */
  constructor(store, number, layer) {
    this.#store = store;
    this.#number = number;
    this.#layer = layer;
    this.#slider = slider("Pixel threshold", SLIDER_STEPS, (step) => this.#slide(step), () => store.report());
    this.#threshold = numberInput("Pixel threshold", (value) => {
      this.#setThreshold(value);
      store.report();
    });
    this.#low = numberInput("Low end of the colour scale", (value) => this.#setLimit(0, value));
    this.#high = numberInput("High end of the colour scale", (value) => this.#setLimit(1, value));
    this.#reset = toolButton("Reset", "The colour scale of the run", () => store.setLimits(number, null));
  }

  thresholdField() {
    return field("Pixel threshold", this.#slider, this.#threshold);
  }

  /** The colour bar between its limits, with the threshold on it. */
  scaleField() {
    const { inferno } = this.#store.data;
    const bar = element("span", "bar", this.#tick);
    const colours = Array.from({ length: COLOURS }, (_, step) => `#${inferno.slice(90 * step, 90 * step + 6)}`);
    bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
    return field("Colour scale", this.#low, bar, this.#high, this.#reset);
  }

  /**
   * Every number as it stands; a field that is being typed into is left alone.
   * @param {Layer} layer as it is shown
   */
  show(layer) {
    this.#layer = layer;
    const { view } = this.#store;
    const threshold = view.thresholds[this.#number];
    const [low, high] = this.#store.limitsOf(layer, this.#number);
    const [start, end] = layer.span;
    const steps = threshold === null ? SLIDER_STEPS : ((threshold - start) / (end - start)) * SLIDER_STEPS;
    this.#slider.value = String(steps);
    this.#slider.setAttribute("aria-valuetext", threshold === null ? "none" : digits(threshold));
    write(this.#threshold, threshold === null ? "" : digits(threshold));
    write(this.#low, digits(low));
    write(this.#high, digits(high));
    this.#tick.hidden = threshold === null || threshold < low || threshold > high;
    this.#tick.style.left = `${(100 * ((threshold ?? 0) - low)) / (high - low)}%`;
    this.#reset.disabled = view.limits[this.#number] === null;
  }

  /** @param {number} step */
  #slide(step) {
    const [low, high] = this.#layer.span;
    this.#setThreshold(low + (high - low) * (step / SLIDER_STEPS));
  }

  /** @param {number} value */
  #setThreshold(value) {
    this.#store.setThreshold(this.#number, value);
    this.show(this.#layer);
  }

  /**
   * @param {0 | 1} end
   * @param {number} value
   */
  #setLimit(end, value) {
    const [low, high] = this.#store.limitsOf(this.#layer, this.#number);
    const limits = /** @type {[number, number]} */ (end ? [low, value] : [value, high]);
    if (limits[0] < limits[1]) this.#store.setLimits(this.#number, limits);
    else this.show(this.#layer);
  }
}

/**
 * @param {HTMLInputElement} input
 * @param {string} text
 */
function write(input, text) {
  if (!input.matches(":focus")) input.value = text;
}
