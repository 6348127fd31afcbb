// The first line: the run, the threshold of images and what it finds.

import { button, element } from "../lib/dom.js";
import { digits } from "../lib/numbers.js";
import { countsAt } from "./model/thresholds.js";
/** @import { Store } from "./store.js" */

export class Head {
  #run = element("strong", "run");
  #choice = element("select", "named");
  #counts = element("span", "counts");
  #list = "";

  /**
   * @param {(named: { threshold: string }) => void} choose
   * @param {() => void} open
   */
  constructor(choose, open) {
    this.#choice.setAttribute("aria-label", "Image threshold");
    this.#choice.onchange = () => choose({ threshold: this.#choice.value });
    this.#counts.setAttribute("role", "status");
    this.root = element("header", "head", this.#run, this.#choice, this.#counts,
      button("Histogram", open, { name: "button", title: "Key: H" }));
  }

  /**
   * @param {Store} store
   * @param {number} from
   * @param {number} image
   */
  show({ data, table, state }, from, image) {
    this.#run.textContent = this.#run.title = data.run.label;
    const points = data.image.points.filter(({ value }) => value !== null);
    const same = points.filter(({ value }) => value === image).map(({ name }) => name);
    const now = same.includes(state.named.threshold) ? state.named.threshold : same[0] ?? "";
    const names = JSON.stringify(points);
    if (names !== this.#list) {
      this.#list = names;
      this.#choice.replaceChildren(new Option("set manually", "", false, false),
        ...points.map(({ name, label }) => new Option(label, name)));
      this.#choice.options[0].disabled = true;
    }
    this.#choice.value = now;
    const counts = countsAt(table.labels, table.scores, { image, from, pixel: NaN, beside: NaN });
    const defective = counts.TP + counts.FN;
    this.#counts.textContent = [`threshold ${digits(image)}`, `missed ${counts.FN}`, `false alarms ${counts.FP}`,
      `found ${counts.TP}`, `good ${counts.TN}`, counts.review ? `to review ${counts.review}` : "",
      defective ? `recall ${(counts.TP / defective).toFixed(3)}` : "recall —"].filter(Boolean).join(" · ");
  }
}
