// What stands in a panel: a widget, or why it cannot be shown.

import { element } from "../../lib/dom.js";
/** @import { Child } from "../../lib/child.js" */

/**
 * @template D
 * @typedef {object} Given
 * @property {D | null} data
 * @property {boolean} busy whether the data, or better ones, are being computed
 * @property {string} error
 * @property {unknown[]} of what the data follow from: they are drawn anew where it is another
 */

/** What is open in a panel; `show` says whether it is stale. */
/** @typedef {{ host: HTMLElement, show: () => boolean }} Content */

/**
 * @template D, E
 * @param {Child<D, E>} child
 * @param {() => Given<D>} given
 * @returns {Content}
 */
export function contentOf(child, given) {
  const note = element("p", "about");
  const host = element("div", "content", note, child.host);
  /** @type {unknown[]} */
  let drawn = [];
  note.hidden = true;
  return {
    host,
    show() {
      const { data, busy, error, of } = given();
      note.textContent = error; // that it is being computed stands beside the title
      note.hidden = !error;
      child.host.hidden = !data;
      if (data && (of.length !== drawn.length || of.some((one, at) => one !== drawn[at]))) {
        drawn = of;
        child.show(data);
      }
      return busy;
    },
  };
}
