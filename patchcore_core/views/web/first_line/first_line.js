// The line above everything: which run, its main figures, whether its data are sound, and what the page offers. Views
// and links stand in menus of their own; "?" shows all keys.
//
//   const line = mount(root, data, (name, value) => …);
//   viewsPlace(root).append(host of a view_list);   // below the field that saves a view
//   line.update(data);

import { button, element } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { copy } from "./copy.js";
import { ExportMenu } from "./export_menu.js";
import { KeyList } from "./key_list.js";
import { RunMenu } from "./run_menu.js";
import { ViewsMenu } from "./views_menu.js";
/** @import { Emit, Life, Mount } from "../lib/life.js" */
/** @import { Exported } from "./export_menu.js" */
/** @import { Keys } from "./key_list.js" */
/** @import { RunChoice } from "./run_menu.js" */

const SAID_MS = 2500;

/**
 * @typedef {object} Figure
 * @property {string} label "Image AUROC"
 * @property {string} value "0.986", or a dash
 * @property {string} interval "[0.93, 1.00]", or ""
 * @property {string} help with the reason where there is no value or no interval
 *
 * @typedef {object} Data
 * @property {RunChoice} run
 * @property {RunChoice[]} runs that can be opened, the present one among them
 * @property {Figure[]} figures
 * @property {{ level: "ok" | "note" | "warning", label: string, sentence: string }[]} checks of the data; none is said
 *   where there are none
 * @property {{ count: number, on: boolean, busy: boolean } | null} without wrong labels that are, or may be, excluded
 * @property {{ said: string, undoable: boolean } | null} view_done what became of the last view saved or deleted
 * @property {string} read_only why no view can be saved, a sentence; "" where one can
 * @property {Exported} exported
 * @property {string} inspect address of Inspect with this run and these thresholds, "" for no link
 * @property {Keys} keys
 *
 * @typedef {object} Tells
 * @property {string} run open this one
 * @property {"figures" | "checks"} panel show or hide it
 * @property {boolean} without
 * @property {true} link the address is about to be copied
 * @property {true} views their list is about to be seen
 * @property {string} view_saved the name for what is seen now
 * @property {true} view_undone
 * @property {"csv" | "zip" | "verdicts"} exported the images listed as CSV, as a folder; all verdicts
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("first-line", (root, emit, life) => {
  const line = new FirstLine(root, emit, life);
  return (data) => line.take(data);
});

/**
 * Where the list of saved views belongs.
 * @param {HTMLElement} root
 */
export function viewsPlace(root) {
  return /** @type {HTMLElement} */ (root.querySelector(".views-place"));
}

class FirstLine {
  #figures = button("", () => {}, { name: "button bare figures" });
  #checks = button("", () => {}, { name: "button bare checks" });
  #box = element("input");
  #inspect = element("a", "button inspect", "Inspect");
  #without = document.createTextNode("");
  #wrong = element("label", "wrong", this.#box, this.#without);

  /**
   * @param {HTMLElement} root
   * @param {Emit<Tells>} emit
   * @param {Life} life
   */
  constructor(root, emit, life) {
    this.runs = new RunMenu(life, (id) => emit("run", id));
    this.views = new ViewsMenu(life, emit);
    this.exports = new ExportMenu(life, (form) => emit("exported", form));
    this.keys = new KeyList(life);
    this.#figures.onclick = () => emit("panel", "figures");
    this.#checks.onclick = () => emit("panel", "checks");
    this.#inspect.title = "Score new images with this run at these thresholds";
    this.#box.type = "checkbox";
    this.#box.onchange = () => emit("without", this.#box.checked);
    root.append(this.runs.root, this.#figures, this.#wrong, this.#checks,
      element("div", "offers", this.views.root, linkButton(life, () => emit("link", true)), this.exports.root,
        this.#inspect, this.keys.root));
  }

  /** @param {Data} data */
  take({ run, runs, figures, checks, without, view_done: done, read_only: why, exported, inspect, keys }) {
    this.runs.take(run, runs);
    this.#takeFigures(figures);
    this.#takeChecks(checks);
    this.#wrong.hidden = !without;
    this.#box.checked = without?.on ?? false;
    const count = without?.count ?? 0;
    this.#without.data = `${count} wrong ${count === 1 ? "label" : "labels"} excluded${without?.busy ? " …" : ""}`;
    this.#wrong.title = "The figures without the images marked label wrong. Nothing is scored again.";
    this.views.take(done, why);
    this.exports.take(exported);
    this.#inspect.hidden = !inspect;
    this.#inspect.href = inspect;
    this.keys.take(keys);
  }

  /** @param {Figure[]} figures */
  #takeFigures(figures) {
    const parts = figures.map(({ label, value, interval, help }) => Object.assign(element("span", "figure",
      element("span", "", label), element("b", "", value), element("span", "interval", interval)), { title: help }));
    this.#figures.replaceChildren(...parts);
    this.#figures.hidden = figures.length === 0;
    const said = figures.map(({ label, value, interval }) => `${label} ${value} ${interval}`.trim());
    this.#figures.setAttribute("aria-label", `${said.join(", ")}; all figures`);
  }

  /** @param {Data["checks"]} checks */
  #takeChecks(checks) {
    const words = checksWords(checks);
    const warnings = checks.some(({ level }) => level === "warning");
    this.#checks.hidden = checks.length === 0;
    this.#checks.textContent = words;
    this.#checks.classList.toggle("warns", warnings);
    this.#checks.title = checks.map(({ label, sentence }) => `${label}: ${sentence}`).join("\n");
    this.#checks.setAttribute("aria-label", `Data checks: ${words.endsWith("✓") ? "no warnings" : words}`);
  }
}

/**
 * What the checks found in two words: a check that could not be made is no good result.
 * @param {Data["checks"]} checks
 */
function checksWords(checks) {
  const count = (/** @type {string} */ of) => checks.filter(({ level }) => level === of).length;
  const [warnings, notes] = [count("warning"), count("note")];
  if (warnings) return `${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
  return notes ? `${notes} ${notes === 1 ? "note" : "notes"}` : "checks ✓";
}

/**
 * @param {Life} life
 * @param {() => void} before
 */
function linkButton(life, before) {
  const field = Object.assign(element("input", "field address"), { type: "text", readOnly: true, hidden: true });
  const timer = life.timer();
  const press = button("Link", () => {
    before();
    void copy(field, say);
  }, { name: "button link", title: "Copy a link to what is seen" });
  const said = element("span", "hidden-words");
  field.setAttribute("aria-label", "The address of this view");
  said.setAttribute("role", "status");
  field.onkeydown = (event) => {
    if (event.key === "Escape") field.hidden = true;
    event.stopPropagation();
  };
  field.onblur = () => (field.hidden = true);

  /** @param {string} words */
  function say(words) {
    said.textContent = words;
    press.textContent = words === "Copied" ? words : "Link";
    timer.set(SAID_MS, () => (press.textContent = "Link"));
  }

  return element("span", "linking", press, said, field);
}
