// What stands in each panel: what Python answers, with what is chosen here.

import { mount as mountCosts } from "../../cost_form/cost_form.js";
import { mount as mountCurves } from "../../curves/curves.js";
import { mount as mountEvidence } from "../../evidence/evidence.js";
import { mount as mountTables } from "../../figure_table/figure_table.js";
import { mount as mountFindings } from "../../findings/findings.js";
import { packed } from "../../lib/numbers.js";
import { mount as mountRegions } from "../../region_table/region_table.js";
import { mount as mountTeaching } from "../../teaching/teaching.js";
import { mount as mountTally } from "../../tally/tally.js";
import { Child } from "../../lib/child.js";
import { PIXEL_POINT, POINT } from "../names.js";
import { causesData } from "./causes.js";
import { contentOf } from "./content.js";
import { Evidence } from "./evidence.js";
import { checksOf, figuresOfListed, figuresWithout, numberOf, regionsOf } from "./questions.js";
/** @import { Data as CostForm } from "../../cost_form/cost_form.js" */
/** @import { Data as CurvesData } from "../../curves/curves.js" */
/** @import { Data as Tables } from "../../figure_table/figure_table.js" */
/** @import { Data as Findings } from "../../findings/findings.js" */
/** @import { Life, Mount } from "../../lib/life.js" */
/** @import { Data as Regions } from "../../region_table/region_table.js" */
/** @import { Choice, Data as TallyData } from "../../tally/tally.js" */
/** @import { Chosen, Data } from "../data.js" */
/** @import { Room } from "../room.js" */
/** @import { Content, Given } from "./content.js" */
/** @import { Teaching } from "./teaching.js" */

/** @type {Tables["tables"]} */
const NONE = [];

/**
 * @param {Data["styles"]} styles
 * @param {Room} room
 * @param {Teaching} teaching
 * @param {Life} life
 * @returns {Map<string, Content>} by the name of the panel
 */
export function contentsOf(styles, room, teaching, life) {
  const trials = new Child("teach", mountTeaching, styles.teaching, (name, value) => teaching.hear(name, value), life);
  /**
   * @template D, E
   * @param {string} name
   * @param {Mount<D, E>} mount
   * @param {string} css
   * @param {() => Given<D>} given
   * @param {(value: any, name: keyof E & string) => void} [act] what a person does there
   * @returns {[string, Content]}
   */
  const one = (name, mount, css, given, act = () => {}) =>
    [name, contentOf(new Child(name, mount, css, (said, value) => act(value, said), life), given)];
  const evidence = new Evidence(room, life);
  return new Map([
    one("curves", mountCurves, styles.curves, () => curvesData(room), ([name, value]) => setPoint(room, name, value)),
    one("tally", mountTally, styles.tally, () => tallyData(room), (choice) => choose(room, choice)),
    one("costs", mountCosts, styles.cost_form, () => costsData(room), ({ name, value }) => setMethod(room, name, value)),
    one("checks", mountFindings, styles.findings, () => findingsData(room)),
    one("figures", mountTables, styles.figure_table, () => tablesData(room)),
    one("regions", mountRegions, styles.region_table, () => regionsData(room), (place) => zoomTo(room, place)),
    one("evidence", mountEvidence, styles.evidence, () => evidence.given(), (value, said) => evidence.hear(said, value)),
    one("causes", mountFindings, styles.findings, () => causesData(room)),
    ["teach", contentOf(trials, () => teaching.data)],
  ]);
}

/**
 * @param {Room} room
 * @returns {Given<CurvesData>}
 */
function curvesData({ store: { thresholds: { image, pixel }, data: { colours } }, answers }) {
  const { value, busy, error } = answers.of("curves");
  return {
    busy, error, of: [value, image, pixel],
    data: value && { ...value, label: "Curves", colours: { curve: "currentcolor", mark: colours.defective },
      levels: ["image", "pixel"], thresholds: packed([image, pixel]),
      follows: { [POINT]: "image", [PIXEL_POINT]: "pixel" } },
  };
}

/**
 * The threshold of a point of a curve.
 * @param {Room} room
 * @param {string} name of the panel
 * @param {number} threshold
 */
function setPoint(room, name, threshold) {
  const panel = room.answers.of("curves").value?.panels.find((one) => one.name === name);
  if (panel?.level === "pixel") room.release("pixels", [threshold, threshold]);
  else if (panel) {
    const { from, image } = room.store.thresholds;
    room.release("images", [from < image ? Math.min(from, threshold) : threshold, threshold]);
  }
}

/**
 * @param {Room} room
 * @returns {Given<TallyData>}
 */
function tallyData({ store: { thresholds, state: { chosen }, data: { colours } }, answers }) {
  const { from, image, pixel } = thresholds;
  const needs = { pixel: Number.isNaN(pixel) ? null : pixel };
  const { value, busy, error } = answers.of("tally", [pixel], needs);
  return {
    busy, error, of: [value, from, image, pixel, chosen, busy],
    data: value && { ...value, follows: POINT, follows_pixels: PIXEL_POINT, thresholds: packed([from, image]),
      pixel_threshold: packed([pixel]), intervals_at: busy ? NaN : pixel, colours,
      chosen: { outcome: chosen.outcome, defect: chosen.defect, size: chosen.size ? [chosen.size] : [] } },
  };
}

/**
 * Only what a cell or a bar stands for is listed, or everything again.
 * @param {Room} room
 * @param {Choice} choice
 */
function choose({ store: { state: { chosen } }, filter }, [what, which]) {
  if (what === "size") filter({ size: String(chosen.size) === String(which) ? null : which });
  else filter(/** @type {Partial<Chosen>} */ ({ [what]: String(chosen[what]) === which ? [] : [which] }));
}

/**
 * @param {Room} room
 * @returns {Given<CostForm>}
 */
function costsData({ store }) {
  const { known: { costs }, state: { methods }, data: { parts } } = store;
  const fields = parts.costs.fields.map((field) => ({ ...field, value: numberOf(methods[field.name]) }));
  return { busy: costs.busy, error: costs.error, of: [costs.value, methods],
    data: { fields, zones: costs.value?.zones ?? null, sentence: costs.value?.sentence ?? "" } };
}

/**
 * @param {Room} room
 * @param {string} name of the parameter
 * @param {number | null} value
 */
function setMethod({ store: { state: { methods } }, change }, name, value) {
  const { [name]: _, ...others } = methods;
  change({ methods: value === null ? others : { ...others, [name]: String(value) } });
}

/**
 * @param {Room} room
 * @returns {Given<Findings>}
 */
function findingsData(room) {
  const { value, busy, error } = checksOf(room);
  return { busy, error, of: [value], data: value?.findings ?? null };
}

/**
 * @param {Room} room
 * @returns {Given<Tables>}
 */
function tablesData(room) {
  const without = figuresWithout(room);
  const { value, busy, error } = without ?? room.answers.of("figures");
  const listed = figuresOfListed(room);
  const first = listed && !listed.busy ? listed.value?.tables ?? NONE : NONE; // those of other images would mislead
  return { busy: busy || Boolean(listed?.busy), error: error || (listed?.error ?? ""), of: [value, first],
    data: value && { tables: [...first, ...value.tables] } };
}

/**
 * @param {Room} room
 * @returns {Given<Regions>}
 */
function regionsData(room) {
  const { value, busy, error } = regionsOf(room);
  return { busy, error, of: [value], data: busy ? null : value?.table ?? null };
}

/**
 * @param {Room} room
 * @param {number} place of the region
 */
function zoomTo(room, place) {
  const box = regionsOf(room).value?.boxes[place];
  if (box) room.zoom(box);
}
