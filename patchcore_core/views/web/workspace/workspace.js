// Review as one widget: gallery, viewer, filters, operating point and verdicts on a grid that does not move. Python gives
// the columns of the run once; all that is chosen acts here and stands in the address, and what Python must do goes into
// the outbox (post.js carries it).

import { element, setColours } from "../lib/dom.js";
import { say } from "../lib/events.js";
import { takesText, withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { mount as mountFilters } from "../filter_bar/filter_bar.js";
import { mount as mountGallery } from "../gallery/gallery.js";
import { mount as mountPoint } from "../operating_point/operating_point.js";
import { mount as mountViewer } from "../viewer/viewer.js";
import { Answers } from "./answers.js";
import { Child } from "./child.js";
import { galleryData, filterData, pointData, titleOf, viewData, viewFrom } from "./faces.js";
import { FILLS } from "./fills.js";
import { columnsFor } from "./fit.js";
import { Line } from "./head/line.js";
import { Strip } from "./head/strip.js";
import { ALL, rememberPanes, rememberedPanes } from "./memory.js";
import { POINT, VIEWER } from "./names.js";
import { Outbox } from "./outbox.js";
import { Judging } from "./parts/judging.js";
import { Pictures } from "./pictures.js";
import { Store } from "./store.js";
/** @import { Life, Mount } from "../lib/life.js" */
/** @import { ViewerPicture } from "../viewer/payload.js" */
/** @import { Data, Told } from "./data.js" */
/** @import { About } from "./pictures.js" */

const LEFT_OUT = "label_wrong"; // the images without which figures may be wanted
const HEAD = 34; // pixels above each picture

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
  serial = 0;
  /** @type {About | null} */
  #about = null;

  /**
   * @param {HTMLElement} root
   * @param {Life} life
   * @param {Data} data
   */
  constructor(root, life, data) {
    this.root = root;
    this.life = life;
    this.store = new Store(data, life.timer());
    this.pictures = new Pictures(data.pictures);
    this.outbox = this.#newOutbox(data);
    this.answers = new Answers(this.outbox, life.timer());
    this.drawSoon = life.eachFrame(() => this.draw());
    const { styles } = data;
    this.filters = new Child("filters", mountFilters, styles.filter_bar, (_, chosen) => this.#filter(chosen), life);
    this.gallery = new Child("gallery", mountGallery, styles.gallery + FILLS.gallery, (_, id) => this.#show(
      this.store.table.numbers.get(String(id))), life);
    this.viewer = new Child("viewer", mountViewer, styles.viewer + FILLS.viewer, (name, value) => {
      if (name === "view") this.#viewed(/** @type {any} */ (value));
    }, life);
    this.point = new Child("point", mountPoint, styles.operating_point, (_, ends) => this.#released(ends), life);
    this.judging = new Judging(styles.verdict_panel, this, life);
    this.line = new Line(styles, { panel: () => {}, without: (on) =>
      this.#change({ without: on ? LEFT_OUT : "" }) }, life);
    this.strip = new Strip(styles.threshold_strip, { level: (level) => this.#change({ level }),
      named: (which, name) => this.#named(which, name), released: (ends) => this.#released(ends),
      open: () => this.#togglePoint(), isOpen: () => !this.point.host.hidden }, life);
    this.title = element("div", "title");
    this.title.setAttribute("role", "status");
    const image = element("section", "image", this.title, this.viewer.host, this.judging.child.host);
    image.setAttribute("aria-label", "Image");
    root.append(this.line.child.host, this.strip.child.host, this.filters.host, this.gallery.host, image, this.point.host);
    this.point.host.hidden = true;
    life.watchSize(root, this.drawSoon);
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
      this.outbox = this.#newOutbox(data);
      this.answers = new Answers(this.outbox, this.life.timer());
      this.judging.begin();
    }
    this.store = new Store(data, this.life.timer());
    this.pictures = new Pictures(data.pictures);
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
    if (this.outbox.take(told)) this.answers.take(told.answers);
    else this.answers.forgetAsked();
    this.judging.take(told);
    this.drawSoon();
  }

  /** @param {{ source: string, low: number, high: number }} moved */
  follow({ source, low, high }) {
    if (source === POINT) this.strip.show(this.store, low, high);
  }

  // ---- what a person does -----------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (withModifier(event) || takesText(event)) return;
    const by = { n: 1, p: -1 }[event.key];
    if (by) this.#show(this.store.neighbour(by));
    else if (event.key === "h") this.#togglePoint();
    else if (event.key === "f") this.#panes();
    else return;
    event.preventDefault();
  }

  /** @param {number | undefined} number */
  #show(number) {
    if (number === undefined || number < 0) return;
    this.store.show(number);
    this.draw();
  }

  /** @param {Partial<import("./data.js").State>} fields */
  #change(fields) {
    this.store.change(fields);
    this.draw();
  }

  /**
   * @param {keyof import("./data.js").State["named"]} which
   * @param {string} name
   */
  #named(which, name) {
    this.store.setNamed(which, name);
    this.draw();
  }

  /** @param {import("./data.js").Chosen} chosen */
  #filter(chosen) {
    this.store.choose(chosen);
    this.draw();
  }

  /** @param {[low: number, high: number]} ends */
  #released([low, high]) {
    if (this.store.state.level === "pixels") this.store.setPixelThreshold(high);
    else this.store.setImageThresholds(low, high);
    this.draw();
  }

  #togglePoint() {
    this.point.host.hidden = !this.point.host.hidden;
    this.draw();
  }

  /** Four panes, two, one, and again. */
  #panes() {
    const { shown } = this.store.state;
    const now = shown.panes ?? rememberedPanes();
    const panes = now.length > 2 ? ["photo", "map"] : now.length === 2 ? ["photo"] : ALL;
    rememberPanes(panes);
    this.#change({ shown: { ...shown, panes } });
  }

  /** @param {import("../viewer/payload.js").View & { serial: number }} view */
  #viewed(view) {
    this.serial = view.serial;
    const { thresholds, state } = this.store;
    rememberPanes(view.panes);
    const [pixel] = view.thresholds;
    if (pixel !== null && pixel !== thresholds.pixel) this.store.setPixelThreshold(pixel);
    this.store.change({ shown: viewFrom(view, state.shown) });
    this.#fit();
    this.draw();
  }

  // ---- what is shown ----------------------------------------------------------------------------------------------

  draw = () => {
    const { store } = this;
    this.drawn = true;
    const { from, image } = store.thresholds;
    this.line.show({ store, outbox: this.outbox, answers: this.answers, author: this.judging.author, computing: false,
      figures: store.data.parts.first_line.figures, checks: store.data.parts.checks.checks });
    this.strip.show(store, from, image);
    this.filters.show(filterData(store));
    this.gallery.show(galleryData(store));
    this.root.classList.toggle("empty", !store.list.length);
    if (!this.point.host.hidden) this.point.show(pointData(store));
    this.judging.show("");
    this.#picture();
  };

  async #picture() {
    const { store } = this;
    const number = store.current();
    this.title.textContent = titleOf(store, number);
    this.root.dataset.image = store.table.names[number] ?? "";
    if (number < 0) return;
    try {
      const about = await this.pictures.about(number, store.state.beside);
      if (store.current() !== number) return;
      this.#about = about;
      const begins = !this.viewer.find(".panes");
      if (!begins) this.#fit();
      this.viewer.show(viewData(store, about, this.serial, rememberedPanes()));
      const panes = this.viewer.find(".panes");
      if (begins && panes) this.life.watchSize(panes, () => this.#fit()); // and once at first
      await this.#ahead(number);
    } catch (error) {
      if (store.current() === number) this.title.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** @param {number} number */
  async #ahead(number) {
    const { store } = this;
    const next = [store.neighbour(1), store.neighbour(-1)].filter((one) => one !== undefined);
    const abouts = await Promise.all(next.map((one) => this.pictures.about(one, store.state.beside)));
    /** @type {ViewerPicture[]} */
    const pictures = abouts.map(({ picture }) => picture);
    if (store.current() === number) say("ahead", { channel: VIEWER, pictures });
  }

  #fit() {
    const { clientWidth: wide, clientHeight: high } = this.viewer.find(".panes") ?? this.viewer.host;
    const count = (this.store.state.shown.panes ?? rememberedPanes()).length;
    if (!this.#about || !wide || !this.viewer.find(".pane")) return; // before that the controls have no height
    const columns = columnsFor(count, { wide, high }, this.#about.picture, HEAD);
    this.viewer.host.style.setProperty("--columns", String(columns));
  }
}
