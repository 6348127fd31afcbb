// A run for a projector: one screen at a time, by arrow keys, in the whole window or the whole screen.

import { button, element } from "../lib/dom.js";
import { takesText, withModifier } from "../lib/keys.js";
import { Life, widget } from "../lib/life.js";
import { Replies } from "../lib/replies.js";
import { same } from "../lib/values.js";
import { Choosing } from "./choosing.js";
import { addressesOf, detailsOf } from "./details.js";
import { Pictures } from "./pictures.js";
import { drawn } from "./screens.js";
/** @import { Emit, Mount, Timer } from "../lib/life.js" */
/** @import { Data as Evidence } from "../evidence/data.js" */
/** @import { Costs, Data, Screen, Tells } from "./data.js" */

const REST_MS = 400; // after which Python is told
const OWN_KEYS = "input, textarea, select, button, a, summary, [role], [contenteditable]"; // which take keys themselves
/** @type {Record<string, number>} what a key adds to the number of the screen */
const STEPS = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1,
  Home: -Infinity, End: Infinity };

/** @type {Mount<Data, Tells>} */
export const mount = widget("present", (root, emit, life, first) => {
  const show = new Show(root, emit, life, first);
  life.listen(window, "keydown", (event) => show.press(event));
  life.listen(document, /** @type {any} */ ("fullscreenchange"), () => show.mark());
  return (data) => show.take(data);
});

class Show {
  /** @type {Screen[]} */
  screens = [];
  /** @type {Costs} */
  costs;
  at = 0; // the number of the screen that is shown
  #before = ""; // what is drawn
  #screenLife = new Life(); // of the widgets within the screen that is shown
  /** @type {Record<string, string>} */
  styles = {};
  #stage = element("div", "stage");
  #place = element("span", "place");
  #back;
  #next;
  #whole;
  /** @type {Replies<unknown>} */
  #replies = new Replies(same);

  /**
   * @param {HTMLElement} root
   * @param {Emit<Tells>} emit
   * @param {Life} life
   * @param {Data} data
   */
  constructor(root, emit, life, data) {
    this.root = root;
    this.emit = emit;
    this.costs = { ...data.costs };
    this.pictures = new Pictures(life);
    life.atEnd(() => this.#screenLife.end());
    /** @type {Record<"at" | "costs" | "chosen", Timer>} */
    this.timers = { at: life.timer(), costs: life.timer(), chosen: life.timer() };
    this.choosing = new Choosing((chosen) => this.#tell("chosen", chosen), this.pictures);
    this.#back = button("◀", () => this.go(-1), { label: "Previous screen" });
    this.#next = button("▶", () => this.go(1), { label: "Next screen" });
    this.#whole = button("Full screen", () => this.#toggleWhole(), { title: "f" });
    const choose = button("Examples", () => this.#toggleChoosing(choose), { title: "Choose and order the examples" });
    choose.setAttribute("aria-expanded", "false");
    this.#stage.setAttribute("aria-live", "polite");
    root.append(element("div", "main", this.#stage, this.choosing.root),
      element("div", "bar-below", this.#back, this.#place, this.#next, element("span", "gap"), choose, this.#whole));
  }

  /** @param {Data} data */
  take(data) {
    const name = this.screens[this.at]?.name ?? data.at;
    this.screens = data.screens;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", data.label);
    const current = this.#replies.isCurrent([data.at, data.costs, data.chosen]);
    const wanted = current && !this.timers.at.runs ? data.at : name;
    this.at = data.screens.findIndex((screen) => screen.name === wanted);
    if (current && !this.timers.costs.runs) this.costs = { ...data.costs };
    if (current && !this.timers.chosen.runs) this.choosing.take(data.candidates, data.chosen);
    this.styles = data.styles;
    this.pictures.keep([...data.screens.flatMap(({ figures }) => figures.map(({ address }) => address)),
      ...data.screens.flatMap(({ evidence }) => addressesOf(evidence)),
      ...data.candidates.flatMap(({ thumbnail }) => thumbnail || [])]);
    this.told = { at: data.at, costs: data.costs, chosen: data.chosen };
    this.draw();
  }

  /** @param {number} by screens */
  go(by) {
    const wanted = Math.min(Math.max(this.at + by, 0), this.screens.length - 1);
    if (wanted === this.at) return;
    this.at = wanted;
    this.draw();
    this.#tell("at", this.screens[wanted].name);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const [target] = event.composedPath();
    const elsewhere = target instanceof Element && !this.root.contains(target) && target.closest(OWN_KEYS);
    if (elsewhere || withModifier(event) || takesText(event)) return;
    if (event.key === " " && target instanceof Element && target.closest("button, summary")) return; // it presses it
    if (event.key === "f") this.#toggleWhole();
    else if (event.key in STEPS) this.go(STEPS[event.key]);
    else return;
    event.preventDefault();
  }

  /** Say on the button what it does now. */
  mark() {
    const whole = this.#isWhole();
    this.root.classList.toggle("whole", whole);
    this.#whole.textContent = whole ? "Leave full screen" : "Full screen";
  }

  draw() {
    const { screens, root } = this;
    this.at = Math.min(Math.max(this.at, 0), screens.length - 1);
    const screen = screens[this.at];
    this.#place.textContent = `${this.at + 1} of ${screens.length}`;
    this.#back.disabled = this.at === 0;
    this.#next.disabled = this.at === screens.length - 1;
    root.dataset.screen = String(this.at);
    const now = JSON.stringify([screen, screen.prices.length ? this.costs : 0]);
    if (now === this.#before) return; // a field in which somebody types stays
    const changed = (/** @type {Costs} */ costs) => {
      this.#before = JSON.stringify([screen, costs]);
      this.#tell("costs", costs);
    };
    const fill = (/** @type {HTMLImageElement} */ image, /** @type {string} */ address) =>
      this.pictures.fill(image, address);
    this.#screenLife.end();
    this.#screenLife = new Life();
    const details = (/** @type {Evidence} */ evidence) =>
      detailsOf(evidence, this.styles.evidence, this.#screenLife, (address) => this.pictures.get(address));
    this.#stage.replaceChildren(drawn(screen, { costs: this.costs, changed, fill, details }));
    this.#stage.scrollTop = 0;
    this.#before = now;
  }

  /**
   * Tell Python once it rests.
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  #tell(name, value) {
    this.timers[name].set(REST_MS, () => {
    this.told = { ...this.told, [name]: value };
      const { at, costs, chosen } = this.told;
      this.#replies.tell([at, costs, chosen]);
      this.emit(name, value);
    });
  }

  /** @param {HTMLButtonElement} by */
  #toggleChoosing(by) {
    const { root } = this.choosing;
    root.hidden = !root.hidden;
    by.setAttribute("aria-expanded", String(!root.hidden));
  }

  #isWhole() {
    const tree = this.root.getRootNode();
    const shown = tree instanceof ShadowRoot ? tree.fullscreenElement : document.fullscreenElement;
    return shown === this.root;
  }

  #toggleWhole() {
    if (this.#isWhole()) document.exitFullscreen();
    else this.root.requestFullscreen?.();
  }
}
