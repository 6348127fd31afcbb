// The first line: run, figures, data checks, saved views, link, exports, keys.

import { mount as mountLine } from "../../first_line/first_line.js";
import { go } from "../../lib/navigate.js";
import { mount as mountViews } from "../../view_list/view_list.js";
import { Child } from "../child.js";
import { carriedOver, searchOf } from "../model/address.js";
import { KEYS } from "./keys.js";
/** @import { Data as LineData, Figure, Tells } from "../../first_line/first_line.js" */
/** @import { Exported } from "../../first_line/export_menu.js" */
/** @import { Life } from "../../lib/life.js" */
/** @import { Answers } from "../answers.js" */
/** @import { Checks, Data, Listed } from "../data.js" */
/** @import { Outbox } from "../outbox.js" */
/** @import { Store } from "../store.js" */

/**
 * @typedef {object} Given what the line shows
 * @property {Store} store
 * @property {Outbox} outbox
 * @property {Answers} answers
 * @property {string} author
 * @property {Figure[]} figures
 * @property {Checks["checks"]} checks
 * @property {boolean} computing whether the figures without wrong labels are
 */

const GONE = "its run is gone";

export class Line {
  /** @type {Given | null} */
  #given = null;
  #list;
  #exported = { form: "", seq: 0 };
  #viewsSeen = false;

  /**
   * @param {Data["styles"]} styles
   * @param {{ panel: (name: string) => void, without: (on: boolean) => void }} acts
   * @param {Life} life
   */
  constructor(styles, acts, life) {
    this.acts = acts;
    this.child = new Child("line", mountLine, styles.first_line, (name, value) => this.#hear(name, value), life);
    this.#list = new Child("views", mountViews, styles.view_list, (_, name) =>
      this.#view("view_delete", { name }), life);
  }

  /** @param {Given} given */
  show(given) {
    this.#given = given;
    const { store, figures, checks } = given;
    const { run, runs } = store.data;
    this.child.show({ run, runs, figures, checks, without: this.#without(given), view_done: this.#done(given),
      exported: this.#export(given), keys: KEYS });
    if (!this.#list.host.isConnected) this.child.find(".views-place")?.append(this.#list.host);
    if (this.#viewsSeen) this.#list.show({ groups: groupsOf(viewsOf(given)) });
  }

  /**
   * @template {keyof Tells} N
   * @param {N} name
   * @param {Tells[N]} value
   */
  #hear(name, value) {
    const given = this.#given;
    if (!given) return;
    const { store } = given;
    if (name === "run") this.#open(store, String(value));
    else if (name === "panel") this.acts.panel(String(value));
    else if (name === "without") this.acts.without(Boolean(value));
    else if (name === "exported") this.#ask(given, String(value));
    else if (name === "view_undone") this.#undoView(given);
    else if (name === "view_saved") {
      store.write();
      this.#view("view_save", { name: value, query: location.search.slice(1) });
    } else {
      this.#viewsSeen = true;
      this.show(given);
    }
  }

  /**
   * @param {Store} store
   * @param {string} run
   */
  #open(store, run) {
    store.write();
    go(searchOf(run, carriedOver(store.state), store.vocabulary, store.orders[0]));
  }

  /**
   * @param {"view_save" | "view_delete" | "view_undo"} kind
   * @param {Record<string, unknown>} what
   */
  #view(kind, what) {
    this.#given?.outbox.put({ kind, key: "view", with: what, author: this.#given.author });
  }

  /** @param {Given} given */
  #undoView({ answers }) {
    const done = answers.told("view")?.value?.done;
    if (done) this.#view("view_undo", { name: done.name, id: done.id });
  }

  /**
   * What became of the last view that was saved or deleted.
   * @param {Given} given
   */
  #done({ answers }) {
    const answer = answers.told("view");
    if (!answer) return null;
    if (!answer.value) return { said: answer.error, undoable: false };
    const { name, saved } = answer.value.done;
    return { said: `${saved ? "Saved" : "Deleted"}: \u2068${name}\u2069`, undoable: true };
  }

  /**
   * @param {Given} given
   * @param {string} form
   */
  #ask({ store: { list, thresholds }, outbox }, form) {
    const [threshold, pixel] = [thresholds.image, thresholds.pixel].map((one) => (Number.isNaN(one) ? null : one));
    const seq = outbox.put({ kind: "export", key: `export ${form}`,
      with: { numbers: list, form, threshold, pixel_threshold: pixel } });
    this.#exported = { form, seq };
    if (this.#given) this.show(this.#given);
  }

  /**
   * @param {Given} given
   * @returns {Exported}
   */
  #export({ store: { list }, answers }) {
    const { form, seq } = this.#exported;
    const answer = answers.told("export", [form]);
    const told = answer?.seq === seq ? answer : null;
    const said = !form ? "" : told ? told.error : "The file is being made …";
    const file = told?.value ? { name: told.value.name, href: told.value.address } : null;
    return { listed: list.length, said, file };
  }

  /**
   * @param {Given} given
   * @returns {LineData["without"]}
   */
  #without({ store, computing }) {
    const count = store.wrong.length;
    return count ? { count, on: store.state.without !== "", busy: computing } : null;
  }
}

/**
 * The saved views as they were told last: with the last change, or as they were asked for.
 * @param {Given} given
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
