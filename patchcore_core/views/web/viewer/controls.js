// The controls over the panes: how many there are, zoom, what is marked, and those of the layers in view.

import { element } from "../lib/dom.js";
import { Menu } from "../lib/menu.js";
import { field, group, slider, toolButton } from "./fields.js";
import { ZOOM_STEP } from "./gestures.js";
import { LayerControls } from "./layer_controls.js";
/** @import { Life } from "../lib/life.js" */
/** @import { Content } from "./content.js" */
/** @import { Moves } from "./gestures.js" */
/** @import { Store } from "./store.js" */

/**
 * @typedef {"prediction_outline" | "peak" | "truth_outline" | "judged"} Mark a switch in the view
 * @typedef {[text: string, colour: string, hollow?: boolean]} Swatch
 */

export class Controls {
  bar = element("div", "controls");
  #store;
  #moves;
  #setCount;
  #menu;
  #made = ""; // for which layers

  /** @type {HTMLButtonElement[]} */
  #counts = [];
  /** @type {Map<Mark, HTMLInputElement>} */
  #marks = new Map();
  /** @type {Map<number, LayerControls>} by number of the layer */
  #layers = new Map();
  #zoom = element("output", "number");
  #opacity = element("input");
  #opacityText = element("output", "number");

  /**
   * @param {Store} store
   * @param {Moves} moves
   * @param {(count: number) => void} setCount of panes
   * @param {Life} life
   */
  constructor(store, moves, setCount, life) {
    this.#store = store;
    this.#menu = store.data.folded ? mapMenu(life) : null;
    this.bar.classList.toggle("folded", this.#menu !== null);
    this.#moves = moves;
    this.#setCount = setCount;
  }

  /**
   * Made anew where the layers in view are others, else only filled.
   * @param {Content} content
   * @param {number[]} numbers of the layers in view
   */
  draw({ picture, truth }, numbers) {
    const { view } = this.#store;
    const { layers } = picture;
    const made = JSON.stringify([numbers, layers.map(({ name }) => name), Boolean(truth)]);
    if (made !== this.#made) {
      this.#made = made;
      this.#layers = new Map(numbers.map((number) => [number, new LayerControls(this.#store, number, layers[number])]));
      const rows = [...this.#layers].map(([number, layer], place) =>
        this.#row(layer, layers[number].name, numbers.length > 1, place === 0));
      this.#menu?.panel.replaceChildren(...rows);
      const [first, last] = this.#menu ? [rows.length ? [this.#menu.root] : [], []] : [[], rows];
      this.bar.replaceChildren(this.#countControl(), this.#zoomControl(), ...first,
        ...(rows.length ? this.#switches(Boolean(truth)) : []), ...last);
    }
    this.#counts.forEach((one, at) => one.setAttribute("aria-pressed", String(at + 1 === view.panes.length)));
    for (const [name, box] of this.#marks) box.checked = view[name];
    this.#showOpacity();
    for (const [number, layer] of this.#layers) layer.show(picture.layers[number]);
  }

  /**
   * Every number as it stands.
   * @param {Content} content
   * @param {number} zoom device pixels to a photo pixel
   */
  show({ picture }, zoom) {
    this.#showOpacity();
    this.#zoom.value = `${Math.round(zoom * 100)} %`;
    for (const [number, layer] of this.#layers) layer.show(picture.layers[number]);
  }

  #showOpacity() {
    const percent = Math.round(this.#store.view.opacity * 100);
    this.#opacity.value = String(percent);
    this.#opacityText.value = `${percent} %`;
  }

  #countControl() {
    this.#counts = [1, 2, 3, 4].map((count) =>
      toolButton(String(count), count === 1 ? "One pane" : `${count} panes`, () => this.#setCount(count)));
    const bar = group("Panes", "buttons");
    if (!this.#menu) bar.append(element("span", "name", "Panes"));
    bar.append(...this.#counts);
    return bar;
  }

  #zoomControl() {
    const bar = group("Zoom", "buttons");
    this.#zoom = element("output", "number");
    bar.append(toolButton("−", "Zoom out (-)", () => this.#moves.zoomBy(1 / ZOOM_STEP)), this.#zoom,
      toolButton("+", "Zoom in (+)", () => this.#moves.zoomBy(ZOOM_STEP)),
      toolButton("Fit", "Show the whole photo (0)", () => this.#moves.whole()));
    return bar;
  }

  /**
   * Switches that are the key to the colours too.
   * @param {boolean} truth whether it is known
   */
  #switches(truth) {
    const { colours, folded } = this.#store.data;
    this.#marks = new Map();
    const prediction = this.#switch("prediction_outline",
      [folded ? "prediction" : "prediction outline", colours.prediction, true]);
    const peak = this.#switch("peak", ["maximum", "currentcolor", true]);
    if (!truth) return [prediction, peak];
    const outline = this.#switch("truth_outline",
      [folded ? "ground truth" : "ground-truth outline", colours.truth, true]);
    const judged = this.#switch("judged", [folded ? "found" : "true positive", colours.hit], ["missed", colours.miss],
      ["false alarm", colours["false alarm"]]);
    return [outline, prediction, judged, peak];
  }

  /**
   * @param {Mark} name
   * @param {...Swatch} swatches
   */
  #switch(name, ...swatches) {
    const box = Object.assign(element("input"), { type: "checkbox" });
    box.onchange = () => this.#store.change({ [name]: box.checked }, 0);
    this.#marks.set(name, box);
    return element("label", "mark", box, ...swatches.flatMap(([text, colour, hollow]) => {
      const swatch = element("span", hollow ? "swatch hollow" : "swatch");
      swatch.style.setProperty("--mark", colour);
      return [swatch, element("span", "", text)];
    }));
  }

  /**
   * @param {LayerControls} layer
   * @param {string} name
   * @param {boolean} named
   * @param {boolean} first
   */
  #row(layer, name, named, first) {
    const row = group(named ? `Map and threshold of ${name}` : "Map and threshold", "layer-row");
    if (named) row.append(element("bdi", "run", name));
    row.append(layer.thresholdField(), ...(first ? [this.#opacityField()] : []), layer.scaleField());
    return row;
  }

  #opacityField() {
    const set = (/** @type {number} */ percent) => {
      this.#store.change({ opacity: percent / 100 });
      this.#showOpacity();
    };
    this.#opacity = slider("Opacity of the map", 100, set, () => this.#store.report());
    this.#opacityText = element("output", "number");
    return field("Opacity", this.#opacity, this.#opacityText);
  }
}

/**
 * For threshold, opacity and colour scale, where there is one row for all controls.
 * @param {Life} life
 */
function mapMenu(life) {
  const menu = new Menu(life, { label: "Map and threshold" });
  menu.press.textContent = "Map ▾";
  menu.press.title = "Pixel threshold, opacity and colour scale of the map";
  return menu;
}
