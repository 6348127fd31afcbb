// Previous and next, by button or key: the gallery knows which image that is and chooses it.
//
// From the choice until Python shows the image, keys and buttons that act on an image are held back: they are meant
// for the one on the screen, and Python would still give them to the one before it, or to none.

import { button, element } from "../lib/dom.js";
import { say } from "../lib/events.js";
import { takesText, withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Mount } from "../lib/life.js" */

const HELD_MS = 5000; // then the viewer shows the image before it again, and keys are meant for that one
const STILL = 8; // pixels that a mouse may move in a click
const LATEST_MS = 60000; // what was held back before is pressed even then, if the image does come

/**
 * @typedef {object} Data
 * @property {string} gallery its key
 * @property {string} viewer its key
 * @property {boolean} before whether there is an image before the one that is shown
 * @property {boolean} after
 * @property {Record<string, string>} held key -> how the name of its Streamlit button begins
 * @typedef {{}} Tells
 *
 * @typedef {{ key: string, code: string, target: Element }} Press
 * @typedef {{ key: string, x: number, y: number, button: Element, id: string | undefined }} Down
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("steps", (root, _, life) => {
  const steps = new Steps();
  root.append(...steps.buttons);
  life.listen(window, "keydown", (event) => steps.onKey(event), { capture: true });
  life.listen(window, "pointerdown", (event) => steps.onDown(event), { capture: true });
  life.listen(window, "pointerup", (event) => steps.onUp(event), { capture: true });
  life.listen(window, "click", (event) => steps.onClick(event), { capture: true });
  life.hear("show", (chosen) => steps.turn(chosen));
  life.hear("settled", (shown) => steps.settle(shown));
  return (data) => steps.take(data);
});

class Steps {
  /** @type {Data} */
  data = { gallery: "", viewer: "", before: false, after: false, held: {} };
  /** @type {string | undefined} the image that Python shows */
  shown;
  /** @type {{ id: string, until: number, latest: number } | null} the image that was chosen since */
  turning = null;
  /** @type {Press | null} what was held back */
  kept = null;
  /** @type {Down | null} the button that the mouse is pressed on */
  down = null;

  constructor() {
    this.previous = stepButton("Previous", "p", "‹", () => this.step(-1));
    this.next = stepButton("Next", "n", "›", () => this.step(1));
    this.buttons = [this.previous, this.next];
  }

  /** @param {Data} data */
  take(data) {
    this.data = data;
    if (!this.isTurning()) this.enable(data);
  }

  /** @param {{ before: boolean, after: boolean }} there */
  enable({ before, after }) {
    this.previous.disabled = !before;
    this.next.disabled = !after;
  }

  isTurning() {
    return this.turning !== null && performance.now() < this.turning.until;
  }

  /** The image that a person sees. */
  onScreen() {
    return this.turning && this.isTurning() ? this.turning.id : this.shown;
  }

  /** @param {number} by */
  step(by) {
    say("step", { gallery: this.data.gallery, by });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!event.isTrusted || withModifier(event) || takesText(event)) return;
    const key = event.key.toLowerCase();
    const made = key === "p" ? this.previous : key === "n" ? this.next : null;
    const held = this.isTurning() && key in this.data.held;
    if (!made && !held) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (held) this.kept ??= { key: event.key, code: event.code, target: targetOf(event) };
    else if (made && !this.kept && !made.disabled) this.step(key === "p" ? -1 : 1);
  }

  /**
   * The key of the button of Streamlit's that the pointer is on, if it is one of those that act on an image.
   * @param {MouseEvent} event
   */
  keyAt({ target }) {
    if (!(target instanceof Element) || !target.closest("button")) return undefined;
    return Object.keys(this.data.held).find((key) => target.closest(`[class*="st-key-${this.data.held[key]}"]`));
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const key = event.isTrusted && this.isTurning() && this.keyAt(event);
    if (!key) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.kept ??= pressOf(key);
  }

  /**
   * Each image has buttons of its own: where they come while one of the last is pressed, the browser makes no click.
   * @param {PointerEvent} event
   */
  onDown(event) {
    const key = event.isTrusted && event.button === 0 && this.keyAt(event);
    const pressed = event.target instanceof Element && event.target.closest("button");
    const { clientX: x, clientY: y } = event;
    this.down = key && pressed ? { key, x, y, button: pressed, id: this.onScreen() } : null;
  }

  /** @param {PointerEvent} event */
  onUp({ clientX, clientY }) {
    const { down } = this;
    this.down = null;
    if (!down || down.button.isConnected || down.id !== this.onScreen()) return;
    if (Math.hypot(clientX - down.x, clientY - down.y) > STILL) return;
    if (this.isTurning()) this.kept ??= pressOf(down.key);
    else pressAgain(pressOf(down.key));
  }

  /** @param {Events["show"]} chosen */
  turn({ viewer, id, before, after }) {
    if (viewer !== this.data.viewer) return;
    this.enable({ before, after });
    this.kept = null;
    const now = performance.now();
    this.turning = id === this.shown ? null : { id, until: now + HELD_MS, latest: now + LATEST_MS };
  }

  /**
   * Python shows this image: what was held back is pressed now, once its buttons are there.
   * @param {Events["settled"]} shown
   */
  settle({ viewer, id }) {
    if (viewer !== this.data.viewer) return;
    this.shown = id;
    if (this.turning?.id !== id) return;
    const kept = performance.now() < this.turning.latest ? this.kept : null;
    this.kept = this.turning = null;
    this.enable(this.data);
    if (kept) pressAgain(kept);
  }
}

/**
 * @param {string} label
 * @param {string} key
 * @param {string} sign
 * @param {() => void} press
 */
function stepButton(label, key, sign, press) {
  const made = button("", press, { title: `${label} image of the list` });
  const [mark, cap] = [element("span", "sign", sign), element("kbd", "", key.toUpperCase())];
  for (const part of [mark, cap]) part.setAttribute("aria-hidden", "true");
  made.append(mark, label, cap);
  made.setAttribute("aria-keyshortcuts", key);
  return made;
}

/** @param {Event} event */
function targetOf(event) {
  const [target] = event.composedPath();
  return target instanceof Element ? target : document.body;
}

/**
 * @param {string} key
 * @returns {Press}
 */
function pressOf(key) {
  return { key, code: "", target: document.body };
}

/** @param {Press} press */
function pressAgain({ key, code, target }) {
  const again = target.isConnected ? target : document.body;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const kind of ["keydown", "keyup"])
      again.dispatchEvent(new KeyboardEvent(kind, { key, code, bubbles: true, composed: true, cancelable: true }));
  }));
}
