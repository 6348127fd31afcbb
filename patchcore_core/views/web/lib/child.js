// A widget within another one, in a shadow tree of its own, so that the styles of one never reach another.

import { element } from "./dom.js";
/** @import { Emit, Life, Mount, Mounted } from "./life.js" */

/**
 * @template D, E
 */
export class Child {
  host;
  #mount;
  #emit;
  #root = element("div", "widget");
  /** @type {Mounted<D> | null} */
  #mounted = null;

  /**
   * @param {string} place class of its host
   * @param {Mount<D, E>} mount
   * @param {string} css
   * @param {Emit<E>} emit
   * @param {Life} life
   */
  constructor(place, mount, css, emit, life) {
    this.host = element("div", place);
    this.#mount = mount;
    this.#emit = emit;
    const sheet = new CSSStyleSheet(); // which a report's policy allows, unlike a style element
    sheet.replaceSync(css);
    const tree = this.host.attachShadow({ mode: "open" });
    tree.adoptedStyleSheets = [sheet];
    tree.append(this.#root);
    life.atEnd(() => this.#mounted?.unmount());
  }

  /**
   * An element of the widget, once it is drawn.
   * @param {string} selector
   */
  find(selector) {
    return this.#root.querySelector(selector);
  }

  /** @param {D} data */
  show(data) {
    if (this.#mounted) this.#mounted.update(data);
    else this.#mounted = this.#mount(this.#root, data, this.#emit);
  }
}
