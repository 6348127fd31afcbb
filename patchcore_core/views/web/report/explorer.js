// One run to look into: the handle of its threshold, what follows from it, and its images with their maps.

import { mount as curves } from "../curves/curves.js";
import { mount as gallery } from "../gallery/gallery.js";
import { Child } from "../lib/child.js";
import { element } from "../lib/dom.js";
import { say } from "../lib/events.js";
import { numbers, packed } from "../lib/numbers.js";
import { outcomeOf } from "../lib/outcomes.js";
import { mount as operatingPoint } from "../operating_point/operating_point.js";
import { mount as tally } from "../tally/tally.js";
import { mount as viewer } from "../viewer/viewer.js";
/** @import { Life } from "../lib/life.js" */
/** @import { Choice, Data as Tally } from "../tally/tally.js" */
/** @import { View, ViewerPicture } from "../viewer/payload.js" */
/** @import { Data, Explored } from "./data.js" */
/** @import { Parts } from "./unpack.js" */

export class Explorer {
  root = element("section", "explorer");
  low = NaN;
  high = NaN;
  pixel = NaN; // the threshold of pixels
  /** @type {ViewerPicture | null} */
  #shown = null;
  /** @type {View & { serial: number }} what is chosen in the viewer */
  #view;
  /** @type {Tally["chosen"]} what the gallery is narrowed to */
  #chosen = { outcome: [], defect: [], size: [] };
  #selected = "";
  /** @type {Map<string, Promise<ViewerPicture>>} */
  #pictures = new Map();
  /** @type {string[]} of the thumbnails, which are in this file */
  #addresses;

  /**
   * @param {Explored} run
   * @param {Parts} parts
   * @param {Data["styles"]} styles
   * @param {Life} life
   */
  constructor(run, parts, styles, life) {
    this.run = run;
    this.parts = parts;
    const [low, high] = run.gallery.thresholds ?? [NaN, NaN];
    const [, pixel] = numbers(run.curves.thresholds);
    Object.assign(this, { low, high, pixel });
    this.#view = { ...run.viewer.view, serial: 0 };
    this.point = new Child("framed", operatingPoint, styles.operating_point, (name, value) => {
      if (name === "released") this.#move(value[0], value[1]);
    }, life);
    this.tally = new Child("framed", tally, styles.tally, (_, choice) => this.#narrow(choice), life);
    this.gallery = new Child("framed", gallery, styles.gallery, (_, id) => this.#choose(id), life);
    this.viewer = new Child("framed", viewer, styles.viewer, (_, value) => {
      if (!("thresholds" in value)) return; // a pixel was clicked
      this.#view = value;
      this.#movePixel(value.thresholds[0] ?? NaN);
    }, life);
    this.curves = new Child("framed", curves, styles.curves, (_, [name, threshold]) =>
      this.#onCurve(name, threshold), life);
    this.#addresses = run.thumbnails.map((part) =>
      URL.createObjectURL(new Blob([parts.bytes(part)], { type: "image/jpeg" })));
    life.atEnd(() => this.#addresses.forEach((address) => URL.revokeObjectURL(address)));
    this.#build();
  }

  /** Draw all of it; to be called once it is in the page. */
  show() {
    const { run } = this;
    this.#draw();
    if (run.pictures.length) this.#choose(run.gallery.selected);
  }

  #build() {
    const { run, root } = this;
    const title = run.name ? `Look into it: ${run.name}` : "Look into it";
    root.setAttribute("aria-label", title);
    root.append(element("h2", "heading", title));
    if (run.point) {
      root.append(element("p", "about", "Move the handle: what is found, missed and stopped by mistake follows. A " +
        "click on a cell or a kind of defect narrows the images to it."), this.point.host, this.tally.host);
    } else root.append(element("p", "about", "This run has no scores to set a threshold on."));
    if (run.pictures.length) {
      root.append(element("h3", "", "Images"), element("p", "about", this.#held()),
        element("div", "beside", this.gallery.host, this.viewer.host));
    }
    root.append(element("h3", "", "Curves"), this.curves.host);
  }

  #held() {
    const { images, pictures, gone } = this.run;
    const lost = gone ? ` ${gone} more could not be read when this file was made.` : "";
    if (pictures.length + gone === images) return `All ${images} images that were tested.${lost}`;
    return `${pictures.length} of the ${images} images that were tested; thresholds, results and curves count them ` +
      `all.${lost}`;
  }

  #draw() {
    const { run, low, high, pixel } = this;
    if (run.point) this.point.show({ ...run.point, low, high });
    if (run.tally) this.tally.show({ ...run.tally, thresholds: packed([low, high]), chosen: this.#chosen });
    this.curves.show({ ...run.curves, thresholds: packed([high, pixel]) });
    if (run.pictures.length) this.gallery.show(this.#listed());
  }

  /** The gallery of the images that are left. */
  #listed() {
    const { gallery: all } = this.run;
    const places = all.ids.map((_, place) => place).filter((place) => this.#fits(place));
    const only = (/** @type {{ words: string[], places: number[] }} */ column) =>
      ({ ...column, places: places.map((place) => column.places[place]) });
    const scores = numbers(all.scores);
    return {
      ...all, ids: places.map((place) => all.ids[place]),
      addresses: places.map((place) => this.#addresses[place]), scores: packed(places.map((place) => scores[place])),
      labels: places.map((place) => all.labels[place]), kinds: only(all.kinds), verdicts: only(all.verdicts),
      selected: this.#selected, thresholds: thresholdsOf(this),
    };
  }

  /** @param {number} place */
  #fits(place) {
    const { labels, scores, kinds } = this.run.gallery;
    const { outcome, defect } = this.#chosen;
    const found = outcomeOf(labels[place], numbers(scores)[place], this.high);
    const kind = kinds.words[kinds.places[place]];
    return (!outcome.length || outcome.includes(found)) &&
      (!defect.length || (labels[place] === 1 && defect.includes(kind)));
  }

  /**
   * @param {number} low
   * @param {number} high
   */
  #move(low, high) {
    Object.assign(this, { low, high });
    this.#draw();
  }

  /** @param {number} threshold */
  #movePixel(threshold) {
    if (Object.is(threshold, this.pixel)) return;
    this.pixel = threshold;
    this.#draw();
  }

  /** @param {Choice} choice */
  #narrow([what, which]) {
    if (what === "size") return;
    const now = this.#chosen[what];
    const chosen = now.includes(which) ? now.filter((one) => one !== which) : [...now, which];
    this.#chosen = { ...this.#chosen, [what]: chosen };
    this.#draw();
  }

  /**
   * @param {string} name of the panel
   * @param {number} threshold
   */
  #onCurve(name, threshold) {
    const { run } = this;
    const level = run.curves.panels.find((panel) => panel.name === name)?.level;
    if (level === "pixel") {
      this.#movePixel(threshold);
      this.#showImage();
    }
    if (level !== "image" || !run.point) return;
    this.#move(Math.min(this.low, threshold), threshold);
    say("thresholds", { source: run.point.channel, low: this.low, high: this.high });
  }

  /** @param {string} id */
  async #choose(id) {
    this.#selected = id;
    const packed = this.run.pictures.find((picture) => picture.id === id);
    if (!packed) return;
    const known = this.#pictures.get(id) ?? this.parts.picture(packed);
    this.#pictures.set(id, known);
    const picture = await known;
    if (this.#selected !== id) return;
    this.#shown = picture;
    this.#view.box = null;
    this.#showImage();
    this.gallery.show(this.#listed());
  }

  /** The image that is chosen, at the threshold of pixels. */
  #showImage() {
    const { run: { viewer: data }, pixel } = this;
    const { serial, ...view } = this.#view;
    const thresholds = [Number.isNaN(pixel) ? null : pixel];
    if (this.#shown) this.viewer.show({ ...data, picture: this.#shown, view: { ...view, thresholds }, serial });
  }
}

/**
 * @param {Explorer} explorer
 * @returns {[number, number] | null}
 */
function thresholdsOf({ low, high }) {
  return Number.isNaN(high) ? null : [low, high];
}
