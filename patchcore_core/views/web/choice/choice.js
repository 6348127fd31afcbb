// One of several values: a select element, or radio buttons in a row.

import { element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {object} Data
 * @property {string} label
 * @property {[value: string, words: string][]} options
 * @property {string} chosen a value, or "" for none
 * @property {string} unchosen what stands there then
 * @property {boolean} buttons in a row instead of a list
 * @typedef {{ chosen: string }} Tells
 * @typedef {(chosen: string) => void} Show
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("choice", (root, emit) => {
  let drawn = "";
  /** @type {Show} */
  let show;
  const choose = (/** @type {string} */ value) => emit("chosen", value);
  return (data) => {
    const now = JSON.stringify([data.label, data.options, data.unchosen, data.buttons]);
    if (now !== drawn) show = data.buttons ? row(root, data, choose) : list(root, data, choose);
    drawn = now; // drawn as before, a list that is open, or the focus, stays
    show(data.chosen);
  };
});

/**
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {Show} choose
 * @returns {Show}
 */
function list(root, { label, options, unchosen }, choose) {
  const select = element("select");
  const none = new Option(unchosen, "");
  none.hidden = true;
  select.append(none, ...options.map(([value, words]) => new Option(words, value)));
  select.onchange = () => choose(select.value);
  select.onkeydown = (event) => event.stopPropagation(); // letters go to an option here, and to nothing else
  const title = element("label", "label", label);
  title.htmlFor = select.id = "select";
  root.replaceChildren(title, element("span", "box", select));
  return (chosen) => {
    select.value = chosen;
    select.title = select.selectedOptions[0]?.textContent ?? "";
  };
}

/**
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {Show} choose
 * @returns {Show}
 */
function row(root, { label, options }, choose) {
  const name = `choice-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const radios = options.map(([value]) => {
    const radio = Object.assign(element("input"), { type: "radio", name, value });
    radio.onchange = () => choose(value);
    return radio;
  });
  const made = element("div", "row", ...options.map(([, words], at) => element("label", "", radios[at], words)));
  made.setAttribute("role", "radiogroup");
  made.setAttribute("aria-label", label);
  root.replaceChildren(made);
  return (chosen) => {
    for (const radio of radios) radio.checked = radio.value === chosen;
  };
}
