// The first line: run, figures, data checks, saved views, link, exports, keys.

import { mount as mountLine } from "../../first_line/first_line.js";
import { Child } from "../../lib/child.js";
import { say } from "../../lib/events.js";
import { go } from "../../lib/navigate.js";
import { mount as mountViews } from "../../view_list/view_list.js";
import { carriedOver, searchOf } from "../model/address.js";
import { VIEWER } from "../names.js";
import { inspectAddress } from "./inspect.js";
import { KEYS } from "./keys.js";
/** @import { Data as LineData, Figure, Tells } from "../../first_line/first_line.js" */
/** @import { Exported } from "../../first_line/export_menu.js" */
/** @import { Life } from "../../lib/life.js" */
/** @import { Checks, Data, Listed } from "../data.js" */
/** @import { Room } from "../room.js" */
/** @import { Store } from "../store.js" */

/**
 * @typedef {object} Given what the line shows
 * @property {string} author
 * @property {Figure[]} figures
 * @property {Checks["checks"]} checks
 * @property {boolean} computing whether the figures without wrong labels are
 */

const GONE = "its run is gone";
const LEFT_OUT = "label_wrong"; // in the address: figures without those images

export class Line {
  /** @type {Given | null} */
  #given = null;
  #list;
  #exported = { form: "", seq: 0 };
  #viewsSeen = false;
  #acts;
  #room;

  /**
   * @param {Data["styles"]} styles
   * @param {{ panel: (name: string) => void }} acts
   * @param {Room} room
   * @param {Life} life
   */
  constructor(styles, acts, room, life) {
    this.#acts = acts;
    this.#room = room;
    this.child = new Child("line", mountLine, styles.first_line, (name, value) => this.#hear(name, value), life);
    this.#list = new Child("views", mountViews, styles.view_list, (_, name) =>
      this.#view("view_delete", { name }), life);
  }

  /** The run is another. */
  begin() {
    this.#exported = { form: "", seq: 0 };
  }

  /** @param {Given} given */
  show(given) {
    this.#given = given;
    const { store } = this.#room;
    const { run, runs, parts } = store.data;
    this.child.show({ run, runs, figures: given.figures, checks: given.checks, without: this.#without(given.computing),
      view_done: this.#done(), read_only: parts.read_only, exported: this.#export(), inspect: inspectAddress(store),
      keys: KEYS });
    if (!this.#list.host.isConnected) this.child.find(".views-place")?.append(this.#list.host);
    if (this.#viewsSeen) this.#list.show({ groups: groupsOf(viewsOf(this.#room)), read_only: parts.read_only });
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  #hear(name, value) {
    const { store, change, draw } = this.#room;
    if (name === "run") this.#open(store, String(value));
    else if (name === "panel") this.#acts.panel(String(value));
    else if (name === "without") change({ without: value ? LEFT_OUT : "" });
    else if (name === "exported") this.#ask(String(value));
    else if (name === "link") this.#write(store);
    else if (name === "view_undone") this.#undoView();
    else if (name === "view_saved") {
      this.#write(store);
      this.#view("view_save", { name: value, query: location.search.slice(1) });
    } else {
      if (this.#viewsSeen) this.#room.outbox.put({ kind: "ask", key: "views" }); // others save and delete some, too
      this.#viewsSeen = true;
      draw();
    }
  }

  /**
   * @param {Store} store
   * @param {string} run
   */
  #open(store, run) {
    this.#write(store);
    go(searchOf(run, carriedOver(store.state), store.vocabulary, store.orders[0]));
  }

  /**
   * The address, with a zoom that does not rest yet.
   * @param {Store} store
   */
  #write(store) {
    say("settle", { channel: VIEWER });
    store.write();
  }

  /**
   * @param {"view_save" | "view_delete" | "view_undo"} kind
   * @param {Record<string, unknown>} what
   */
  #view(kind, what) {
    this.#room.outbox.put({ kind, key: "view", with: what, author: this.#given?.author ?? "" });
  }

  #undoView() {
    const done = this.#room.answers.told("view")?.value?.done;
    if (done) this.#view("view_undo", { name: done.name, id: done.id });
  }

  /** What became of the last view that was saved or deleted. */
  #done() {
    const answer = this.#room.answers.told("view");
    if (!answer) return null;
    if (!answer.value) return { said: answer.error, undoable: false };
    const { name, saved } = answer.value.done;
    return { said: `${saved ? "Saved" : "Deleted"}: \u2068${name}\u2069`, undoable: true };
  }

  /** @param {string} form */
  #ask(form) {
    const { store: { list, thresholds, which }, outbox, draw } = this.#room;
    const [threshold, pixel] = [thresholds.image, thresholds.pixel].map((one) => (Number.isNaN(one) ? null : one));
    const seq = outbox.put({ kind: "export", key: `export ${form}`,
      with: { numbers: list, form, threshold, pixel_threshold: pixel, images: which } });
    this.#exported = { form, seq };
    draw();
  }

  /** @returns {Exported} */
  #export() {
    const { store: { list, which }, answers } = this.#room;
    const { form, seq } = this.#exported;
    const answer = answers.told("export", [form]);
    const told = answer?.seq === seq ? answer : null;
    const said = !form ? "" : told ? told.error : "The file is being made …";
    const file = told?.value ? { name: told.value.name, href: told.value.address } : null;
    return { listed: list.length, pictures: which === "test", said, file };
  }

  /**
   * @param {boolean} computing
   * @returns {LineData["without"]}
   */
  #without(computing) {
    const { store } = this.#room;
    const count = store.wrong.length;
    return count ? { count, on: store.state.without !== "", busy: computing } : null;
  }
}

/**
 * The saved views as they were told last: with the last change, or as they were asked for.
 * @param {Room} room
 */
function viewsOf({ answers }) {
  const changed = answers.told("view");
  const { value } = answers.of("views");
  const newer = changed?.value && changed.seq > (answers.told("views")?.seq ?? 0);
  return newer ? changed.value?.views ?? [] : value ?? [];
}

/** @param {Listed[]} views */
function groupsOf(views) {
  const shown = views.map(({ gone, ...view }) => ({ ...view, notes: gone ? [GONE] : [] }));
  return [{ title: "Views of this run", views: shown.filter(({ own }) => own) },
    { title: "Views of other runs", views: shown.filter(({ own }) => !own) }].filter(({ views: some }) => some.length);
}
