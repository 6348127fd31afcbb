// What the controls are made of: groups, fields with a name, sliders and fields for numbers.

import { button, element } from "../lib/dom.js";
import { typedNumber } from "../lib/numbers.js";

/**
 * @param {string} label
 * @param {string} name its class
 */
export function group(label, name) {
  const made = element("div", name);
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", label);
  return made;
}

/**
 * @param {string} name
 * @param {...HTMLElement} inputs
 */
export function field(name, ...inputs) {
  return element("div", "field", element("span", "name", name), ...inputs);
}

/**
 * @param {string} label
 * @param {number} steps
 * @param {(step: number) => void} onInput
 * @param {() => void} onRelease
 */
export function slider(label, steps, onInput, onRelease) {
  const made = Object.assign(element("input"), { type: "range", min: "0", max: String(steps), step: "1" });
  made.setAttribute("aria-label", label);
  made.oninput = () => onInput(Number(made.value));
  made.onchange = onRelease;
  return made;
}

/**
 * A number as text, taken over by Enter or on leaving; what is none goes back to what stood there.
 * @param {string} label
 * @param {(value: number) => void} onNumber
 */
export function numberInput(label, onNumber) {
  const made = Object.assign(element("input", "number"), { type: "text", inputMode: "decimal", autocomplete: "off" });
  made.setAttribute("aria-label", label);
  let before = "";
  made.onfocus = () => {
    before = made.value;
  };
  made.onchange = () => {
    const value = typedNumber(made.value);
    if (Number.isNaN(value)) made.value = before;
    else onNumber(value);
  };
  made.onkeydown = (event) => event.stopPropagation();
  return made;
}

/**
 * @param {string} text
 * @param {string} label its tooltip too
 * @param {() => void} press
 */
export const toolButton = (text, label, press) => button(text, press, { title: label, label });
