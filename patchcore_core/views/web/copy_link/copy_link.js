// A button that copies the address in the browser. Where the clipboard is refused, as on an address without https, the
// older way is tried, and then the address stands selected in a field.

import { button, element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */

const SAID_MS = 2500;

/**
 * @typedef {{ label: string }} Data
 * @typedef {{}} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("copy", (root, _, life) => {
  const field = Object.assign(element("input"), { type: "text", readOnly: true, hidden: true });
  const said = element("span", "said");
  const timer = life.timer();
  const press = button("", () => void copy(field, say));
  field.setAttribute("aria-label", "The address of this view");
  said.setAttribute("role", "status");
  root.append(press, said, field);
  field.onfocus = () => field.select();
  field.onkeydown = (event) => {
    if (event.key === "Escape") {
      field.hidden = true;
      press.focus();
    }
    event.stopPropagation();
  };

  /** @param {string} words */
  function say(words) {
    said.textContent = words;
    timer.set(SAID_MS, () => (said.textContent = ""));
  }

  return ({ label }) => (press.textContent = label);
});

/**
 * Copy the address of the page, or show it selected in the field.
 * @param {HTMLInputElement} field hidden but for that
 * @param {(words: string) => void} say
 */
export async function copy(field, say) {
  const address = window.location.href;
  field.hidden = true;
  if ((await written(address)) || selected(field, address)) {
    field.hidden = true;
    say("Copied");
  } else say("The browser refuses: copy it from here");
}

/** @param {string} address */
async function written(address) {
  try {
    await navigator.clipboard.writeText(address);
    return true;
  } catch {
    return false; // refused, or there is no clipboard on this address
  }
}

/**
 * Show the address, selected, and say whether the browser copied it from there.
 * @param {HTMLInputElement} field
 * @param {string} address
 */
function selected(field, address) {
  Object.assign(field, { hidden: false, value: address });
  field.focus();
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
