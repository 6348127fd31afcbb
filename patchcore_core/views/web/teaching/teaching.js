// Teaching: photos that a person has called good are tried out in the memory bank of a run. What would change is shown,
// and nothing is kept before somebody says so. Each trial stands with its progress, then with what it changes.
//
//   mount(root, { photos, trials, … }, (name, value) => …);

import { button, element, holds } from "../lib/dom.js";
import { widget } from "../lib/life.js";
import { same } from "../lib/values.js";
import { Trial } from "./trial.js";
/** @import { Emit, Mount } from "../lib/life.js" */
/** @import { TrialData } from "./trial.js" */

/**
 * @typedef {object} Photo
 * @property {string} id
 * @property {string} name
 * @property {string} said its score and verdict
 * @property {string} why it cannot be taught, or ""
 * @property {boolean} chosen
 *
 * @typedef {{ words: string, link: { words: string, address: string } | null }} Said
 *
 * @typedef {object} Data
 * @property {Photo[]} photos that could be taught
 * @property {TrialData[]} trials
 * @property {string} locked why nothing can be taught here, or ""
 * @property {boolean} begins whether a trial was asked for and is not there yet
 * @property {Said | null} said what came of the last thing that was asked for
 *
 * @typedef {object} Tells
 * @property {string[]} chosen ids of the photos that are ticked now
 * @property {string[]} begun try these out
 * @property {string} kept the trial becomes a run
 * @property {string} discarded the trial is stopped and removed
 * @property {string} shown the photo of this id is to be seen
 */

const ABOUT = "Patches of the photos that the memory bank does not cover are added to it, as a new run. This run stays as "
  + "it is, and nothing is kept before you have seen what changes.";
const NONE = "No false alarm is shown or marked as good. Photos that reviewers call good can be taught: false alarms with "
  + "the verdict “label correct”, and defective-labelled ones with “label wrong”.";

/** @type {Mount<Data, Tells>} */
export const mount = widget("teaching", (root, emit) => {
  const photos = new Photos(emit);
  const trials = element("div", "trials");
  const said = element("p", "said");
  /** @type {Map<string, Trial>} */
  const known = new Map();
  said.setAttribute("role", "status");
  said.hidden = true;
  root.append(photos.root, said, trials);
  return (data) => {
    photos.take(data);
    const shown = data.trials.map((given) => {
      const made = known.get(given.id) ?? new Trial(given.id, emit);
      known.set(given.id, made);
      made.take(given, data.locked, data.begins);
      return made.root;
    });
    for (const id of known.keys()) if (!data.trials.some((one) => one.id === id)) known.delete(id);
    if (!holds(trials, shown)) trials.replaceChildren(...shown);
    tell(said, data.said);
  };
});

/**
 * @param {HTMLElement} place
 * @param {Said | null} said
 */
function tell(place, said) {
  const words = said ? [said.words, said.link?.address ?? ""] : [];
  if (same(words, JSON.parse(place.dataset.said ?? "[]"))) return; // a link that has the focus stays
  place.dataset.said = JSON.stringify(words);
  place.hidden = !said;
  const link = said?.link && Object.assign(element("a", "", said.link.words), { href: said.link.address, target: "_self" });
  place.replaceChildren(...(said ? [said.words, ...(link ? [" ", link] : [])] : []));
}

class Photos {
  /** @type {Photo[]} */
  #drawn = [];
  #list = element("ul", "photos");
  #state = element("p");
  #try;
  root;

  /** @param {Emit<Tells>} emit */
  constructor(emit) {
    this.emit = emit;
    this.#try = button("", () => emit("begun", this.#chosen), { name: "button try" });
    this.#state.setAttribute("role", "status");
    this.root = element("section", "", element("p", "about", ABOUT), this.#list, this.#try, this.#state);
  }

  get #chosen() {
    return this.#drawn.filter(({ chosen, why }) => chosen && !why).map(({ id }) => id);
  }

  /** @param {Data} data */
  take({ photos, locked, begins }) {
    if (!same(photos, this.#drawn)) this.#draw(photos);
    const count = this.#chosen.length;
    this.#list.hidden = this.#try.hidden = !photos.length;
    this.#try.textContent = count > 1 ? `Show what ${count} photos would change` : "Show what it would change";
    this.#try.disabled = !count || begins || Boolean(locked);
    this.#state.textContent = locked || (begins ? "reading the photos …" : photos.length ? "" : NONE);
    this.#state.hidden = !this.#state.textContent;
  }

  /** @param {Photo[]} photos */
  #draw(photos) {
    const ids = photos.map(({ id }) => id);
    const boxes = [...this.#list.querySelectorAll("input")];
    const others = !same(ids, this.#drawn.map(({ id }) => id));
    this.#drawn = photos;
    if (others) this.#list.replaceChildren(...photos.map((photo) => this.#item(photo)));
    else photos.forEach((photo, at) => fill(boxes[at], photo));
  }

  /** @param {Photo} photo */
  #item(photo) {
    const box = Object.assign(element("input"), { type: "checkbox" });
    box.onchange = () => {
      const others = this.#chosen.filter((id) => id !== photo.id);
      this.emit("chosen", box.checked ? [...others, photo.id] : others);
    };
    const name = button(element("bdi", "", photo.name), () => this.emit("shown", photo.id),
      { name: "button bare name", title: "Show this image" });
    box.setAttribute("aria-label", photo.name);
    const item = element("li", "", box, name, element("span", "about"));
    fill(box, photo);
    return item;
  }
}

/**
 * @param {HTMLInputElement} box
 * @param {Photo} photo
 */
function fill(box, { said, why, chosen }) {
  box.checked = chosen && !why;
  box.disabled = Boolean(why);
  const about = /** @type {HTMLElement} */ (box.parentElement?.lastElementChild);
  about.textContent = [said, why].filter(Boolean).join(" · ");
}
