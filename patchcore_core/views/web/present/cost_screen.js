// The cost of a run's errors: three fields, and what follows from them at once.

import { element } from "../lib/dom.js";
import { typedNumber } from "../lib/numbers.js";
import { perMillion } from "./money.js";
/** @import { Costs, Prices } from "./data.js" */

/** @type {[name: keyof Costs, label: string, most: number][]} */
const FIELDS = [
  ["escape", "A defective part that is missed costs", Infinity],
  ["overkill", "A good part that is stopped costs", Infinity],
  ["rate", "Defective parts in production, %", 100],
];

/**
 * @param {Prices[]} prices
 * @param {Costs} costs those typed in are written here
 * @param {(costs: Costs) => void} changed called when one was typed in
 */
export function costForm(prices, costs, changed) {
  const result = element("div", "results");
  const show = () => result.replaceChildren(...prices.map((one) => results(one, costs)));
  const fields = FIELDS.map(([name, label, most]) => {
    const input = Object.assign(element("input"), { type: "text", inputMode: "decimal", value: String(costs[name]) });
    input.oninput = () => {
      const value = typedNumber(input.value);
      const usable = value >= 0 && value <= most;
      input.setAttribute("aria-invalid", String(!usable));
      if (!usable) return;
      costs[name] = value;
      show();
      changed({ ...costs });
    };
    input.onkeydown = (event) => event.stopPropagation(); // arrow keys move in the text
    return element("label", "price", element("span", "", label), input);
  });
  show();
  return element("div", "cost", element("div", "prices", ...fields), result);
}

/**
 * @param {Prices} prices
 * @param {Costs} costs
 */
function results(prices, costs) {
  const { missed, stopped, cost, low, high } = perMillion(prices, costs);
  const made = element("div", "result");
  if (prices.name) made.append(element("p", "run", prices.name));
  if (Number.isNaN(cost)) {
    const lacking = prices.found ? "good" : "defective";
    made.append(element("p", "words", `The cost is not known: no ${lacking} part was tested.`));
    return made;
  }
  made.append(
    element("p", "total", rounded(cost)),
    element("p", "words", `between ${rounded(low)} and ${rounded(high)}`),
    element("p", "note", `${parts(missed, costs.rate)} defective parts missed, ${parts(stopped, 100 - costs.rate)} good ` +
      "parts stopped, of a million."),
  );
  return made;
}

/**
 * @param {number} count
 * @param {number} percent of all parts that it is among
 */
function parts(count, percent) {
  return percent > 0 && Number.isNaN(count) ? "an unknown number of" : rounded(count);
}

/**
 * To three digits, for it is no more certain than that; its thousands apart.
 * @param {number} amount
 */
function rounded(amount) {
  return Number(amount.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 2 });
}
