// A widget within the report, in a shadow tree of its own, so that the styles of one never reach another.

import { element } from "../lib/dom.js";
/** @import { Emit, Life, Mount, Mounted } from "../lib/life.js" */

/**
 * @template D, E
 */
export class Framed {
  host = element("div", "framed");
  #root = element("div", "widget");
  #mount;
  #emit;
  /** @type {Mounted<D> | null} */
  #mounted = null;

  /**
   * @param {Mount<D, E>} mount
   * @param {string} css
   * @param {Emit<E>} emit
   * @param {Life} life
   */
  constructor(mount, css, emit, life) {
    this.#mount = mount;
    this.#emit = emit;
    const sheet = new CSSStyleSheet(); // which the page's policy allows, unlike a style element
    sheet.replaceSync(css);
    const tree = this.host.attachShadow({ mode: "open" });
    tree.adoptedStyleSheets = [sheet];
    tree.append(this.#root);
    life.atEnd(() => this.#mounted?.unmount());
  }

  /** @param {D} data */
  show(data) {
    if (this.#mounted) this.#mounted.update(data);
    else this.#mounted = this.#mount(this.#root, data, this.#emit);
  }
}
