// Review as one widget: gallery, viewer, filters, operating point and verdicts on a grid that does not move. Python gives
// the columns of the run once; all that is chosen acts here and stands in the address, and what Python must do goes into
// the outbox (post.js carries it).

import { Child } from "../lib/child.js";
import { element, setColours } from "../lib/dom.js";
import { say } from "../lib/events.js";
import { takesText, withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { mount as mountFilters } from "../filter_bar/filter_bar.js";
import { mount as mountGallery } from "../gallery/gallery.js";
import { mount as mountPoint } from "../operating_point/operating_point.js";
import { Answers } from "./answers.js";
import { Line } from "./head/line.js";
import { Strip } from "./head/strip.js";
import { POINT } from "./names.js";
import { Outbox } from "./outbox.js";
import { FILLS } from "./parts/fills.js";
import { Judging } from "./parts/judging.js";
import { filterData, galleryData } from "./parts/lists.js";
import { Panels, TEACH } from "./parts/panels.js";
import { Picture } from "./parts/picture.js";
import { checksOf, figuresWithout, inform } from "./parts/questions.js";
import { pointData } from "./parts/view.js";
import { Store } from "./store.js";
/** @import { Tells as Filtered } from "../filter_bar/filter_bar.js" */
/** @import { Life, Mount } from "../lib/life.js" */
/** @import { Box } from "../viewer/payload.js" */
/** @import { Chosen, Data, State, Told } from "./data.js" */
/** @import { Picked } from "./room.js" */

/** @type {Record<string, string>} key -> what it shows over the pictures, or hides */
const MARKS = { o: "truth_outline", i: "prediction_outline", j: "judged", m: "peak" };

/** @type {Mount<Data, Record<string, never>>} */
export const mount = widget("workspace", (root, _, life, first) => {
  const workspace = new Workspace(root, life, first);
  life.listen(window, "keydown", (event) => workspace.onKey(event));
  life.hear("told", (told) => workspace.hear(told));
  life.hear("thresholds", (moved) => workspace.follow(moved));
  window.addEventListener("popstate", () => workspace.reread(), { signal: life.signal });
  return (data) => {
    const begins = !workspace.drawn;
    workspace.take(data);
    if (begins) say("workspace", { channel: data.channel });
  };
});

class Workspace {
  drawn = false;
  /** @type {Picked | null} */
  picked = null;
  /** @type {Outbox[]} of runs that were left while Python had something to do */
  #left = [];

  /**
   * @param {HTMLElement} root
   * @param {Life} life
   * @param {Data} data
   */
  constructor(root, life, data) {
    const { styles } = data;
    this.root = root;
    this.life = life;
    this.store = new Store(data, life.timer());
    this.outbox = this.#newOutbox(data);
    this.answers = new Answers(this.outbox, life.timer(), life.timer());
    this.drawSoon = life.eachFrame(() => this.draw());
    this.filters = new Child("filters", mountFilters, styles.filter_bar, (name, value) => this.#filtered(name, value), life);
    this.gallery = new Child("gallery", mountGallery, styles.gallery + FILLS.gallery, (_, id) => this.show(
      this.store.table.numbers.get(String(id))), life);
    this.point = new Child("point", mountPoint, styles.operating_point, (_, ends) =>
      this.release(this.store.state.level, ends), life);
    this.point.host.hidden = true;
    this.panels = new Panels(styles, this, life);
    this.picture = new Picture(data, [this.panels.imageToggles.host], this, life);
    this.judging = new Judging(styles.verdict_panel, { teach: () => this.panels.reveal(TEACH) }, this, life);
    this.line = new Line(styles, { panel: (name) => this.panels.toggle(name) }, this, life);
    this.strip = new Strip(styles.threshold_strip + FILLS.strip, { open: () => this.#togglePoint(),
      isOpen: () => !this.point.host.hidden }, this, life);
    this.#build();
    life.watchSize(root, this.drawSoon);
  }

  /** Filters come first for the keyboard, whatever stands above them. */
  #build() {
    const { panels, picture, judging } = this;
    const image = element("section", "image", picture.title.root, picture.root, panels.drawers.host, judging.child.host);
    image.setAttribute("aria-label", "Image");
    this.root.append(this.filters.host, this.gallery.host, image, this.line.child.host, this.strip.child.host,
      panels.runToggles.host, this.point.host);
  }

  /** @param {Data} data */
  #newOutbox({ run, channel }) {
    return new Outbox(run.id, (outbox) => say("outbox", { channel, outbox }), this.life.timer());
  }

  // ---- what others say --------------------------------------------------------------------------------------------

  /** @param {Data} data */
  take(data) {
    if (data !== this.store.data && JSON.stringify(data) !== JSON.stringify(this.store.data)) this.#renew(data);
    setColours(this.root, data.colours);
    this.root.setAttribute("aria-busy", "false");
    this.draw();
    this.store.write();
  }

  /** @param {Data} data */
  #renew(data) {
    if (data.run.id !== this.store.data.run.id) {
      this.#left = [...this.#left, this.outbox].filter(({ entries }) => entries.length);
      this.outbox = this.#newOutbox(data);
      this.answers = new Answers(this.outbox, this.life.timer(), this.life.timer());
      for (const part of [this.judging, this.panels.teaching, this.line, this.strip]) part.begin();
      this.picked = null;
    }
    this.store = new Store(data, this.life.timer());
    this.picture.begin(this.store.photos.pictures);
    this.judging.judge();
  }

  /** The address is another: Back, Forward, a saved view, or another run, whose data Python sends. */
  reread() {
    if (!this.store.read()) this.root.setAttribute("aria-busy", "true");
    else this.draw();
  }

  /** @param {Told} told */
  hear(told) {
    if (told.channel !== this.store.data.channel) return;
    const left = this.#left.some((one) => one.take(told));
    if (this.outbox.take(told)) this.answers.take(told.answers);
    else if (!left) {
      this.answers.forgetAsked();
      this.panels.teaching.forgetAsked();
    }
    this.judging.take(told);
    this.drawSoon();
  }

  /** @param {{ source: string, low: number, high: number }} moved */
  follow({ source, low, high }) {
    if (source === POINT) this.strip.show(low, high);
  }

  // ---- what a person does -----------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (withModifier(event) || takesText(event)) return;
    const by = { n: 1, p: -1 }[event.key];
    if (by) this.show(this.store.neighbour(by));
    else if (event.key === "h") this.#togglePoint();
    else if (event.key === "f") this.picture.turnPanes();
    else if (event.key in MARKS) this.picture.turnMark(MARKS[event.key]);
    else return;
    event.preventDefault();
  }

  /** @param {number | undefined} number */
  show = (number) => {
    if (number === undefined || number < 0) return;
    this.store.show(number);
    this.draw();
  };

  /** @param {Partial<State>} fields */
  change = (fields) => {
    this.store.change(fields);
    this.draw();
  };

  /** @param {Partial<Chosen>} chosen */
  filter = (chosen) => {
    this.store.choose({ ...this.store.state.chosen, ...chosen });
    this.draw();
  };

  /**
   * @template {keyof Filtered} N
   * @param {N} name
   * @param {Filtered[N]} value
   */
  #filtered(name, value) {
    if (name === "chosen") this.filter(/** @type {Filtered["chosen"]} */ (value));
    else {
      this.store.turn(/** @type {Filtered["list"]} */ (value));
      this.draw();
    }
  }

  /**
   * @param {State["level"]} level
   * @param {[low: number, high: number]} ends
   */
  release = (level, [low, high]) => {
    if (level === "pixels") this.store.setPixelThreshold(high);
    else this.store.setImageThresholds(low, high);
    this.draw();
  };

  /** @param {Box} box */
  zoom = (box) => this.change({ shown: { ...this.store.state.shown, box } });

  #togglePoint() {
    this.point.host.hidden = !this.point.host.hidden;
    this.draw();
  }

  // ---- what is shown ----------------------------------------------------------------------------------------------

  draw = () => {
    const { store } = this;
    this.drawn = true;
    inform(this, this.panels.open.includes("costs"));
    const { from, image } = store.thresholds;
    const without = figuresWithout(this);
    this.line.show({ author: this.judging.author, computing: without?.busy ?? false,
      figures: without?.value?.figures ?? store.data.parts.first_line.figures,
      checks: checksOf(this).value?.checks ?? [] });
    this.strip.show(from, image);
    this.filters.show(filterData(store));
    this.gallery.show(galleryData(store));
    this.root.classList.toggle("empty", !store.list.length);
    this.root.dataset.image = store.table.names[store.current()] ?? "";
    if (!this.point.host.hidden) this.point.show(pointData(store));
    this.judging.show(this.picture.locked || this.store.data.parts.read_only, this.panels.teaching.offered);
    this.panels.show();
    void this.picture.show();
  };
}
