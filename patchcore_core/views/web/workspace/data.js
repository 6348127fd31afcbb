// What Python gives the workspace and what it tells: the contract between the browser and pages/ui/review/workspace/face.py.
//
// Columns have one entry an image, in the order of the run's table; the place in them is the image's number. Names of
// filters, thresholds and views are those of the address (docs/design.md, "Links").

/** @import { Data as CostForm, Field } from "../cost_form/cost_form.js" */
/** @import { Given } from "../curves/panel.js" */
/** @import { Image as EvidenceImage, Patch } from "../evidence/data.js" */
/** @import { Data as Tables } from "../figure_table/figure_table.js" */
/** @import { Data as Findings } from "../findings/findings.js" */
/** @import { Data as FirstLine, Figure } from "../first_line/first_line.js" */
/** @import { RunChoice } from "../first_line/run_menu.js" */
/** @import { Coded } from "../gallery/state.js" */
/** @import { Packed } from "../lib/numbers.js" */
/** @import { Pictures } from "../lib/pictures.js" */
/** @import { Data as Histogram } from "../operating_point/state.js" */
/** @import { Data as Regions } from "../region_table/region_table.js" */
/** @import { Data as Tally } from "../tally/tally.js" */
/** @import { TrialData } from "../teaching/trial.js" */
/** @import { Verdict } from "../verdict_panel/verdict_panel.js" */
/** @import { View as SavedView } from "../view_list/view_list.js" */
/** @import { Box, Range as Limits } from "../viewer/payload.js" */

/**
 * @typedef {[from: number, to: number]} Range both ends included
 * @typedef {"outcome" | "defect" | "cause" | "verdict" | "tag"} Several filters of which several values may be chosen
 * @typedef {import("../lib/outcomes.js").Outcome} Outcome
 * @typedef {"test" | "training"} Which of the lists of images
 *
 * @typedef {object} Chosen filters and order; [], "" and null filter nothing
 * @property {string[]} outcome
 * @property {string[]} defect
 * @property {string[]} cause keys; "" for an error without a cause
 * @property {string[]} verdict "" for none
 * @property {string[]} tag
 * @property {string} q words of the path
 * @property {Range | null} score
 * @property {Range | null} size pixels of at least one true region
 * @property {string} order
 *
 * @typedef {object} Thresholds in score units; NaN predicts nothing
 * @property {number} image
 * @property {number} from where the review zone starts, = image without one
 * @property {number} pixel
 * @property {number} beside pixels of the second run
 *
 * @typedef {object} Shown the part of the viewer's View that stands in the address
 * @property {string[] | null} panes null: the usual ones
 * @property {(Limits | null)[]} limits
 * @property {number} opacity
 * @property {Box | null} box
 * @property {string[]} hidden
 *
 * @typedef {object} State what a person has chosen: all of it stands in the address
 * @property {Chosen} chosen
 * @property {Record<"threshold" | "review_from" | "pixel_threshold" | "beside_threshold", string>} named a number, the
 *   name of a point, or "" for the default
 * @property {string} image its name; "" for the first one listed
 * @property {Which | ""} images the list; "": the usual one
 * @property {Shown} shown
 * @property {string} beside another run, or ""
 * @property {"images" | "pixels"} level of the operating point that is seen
 * @property {string} without "label_wrong": figures without those images; or ""
 * @property {Record<string, string>} methods quantile, sds, fpr, escape, overkill, look, defect_rate, as typed
 * @property {[name: string, value: string][]} rest parameters of the address that belong to none of these
 */

/**
 * @typedef {object} Point a named threshold
 * @property {string} name
 * @property {number | null} value null: not offered, for this `reason`
 * @property {string} label
 * @property {string} help
 * @property {string} source "held-out", "test good", "oracle" or "manual"
 * @property {string} reason
 *
 * @typedef {object} Level the thresholds of images or of pixels
 * @property {Point[]} points
 * @property {string} default the run's own: name of a point, or a number as text. What was chosen for the run stands
 *   before it, in `parts.used`
 * @property {Range} span a threshold of the address is kept within it
 * @property {string} unset said while the default is in use and nobody has set it, a sentence; else ""
 *
 * @typedef {object} Images
 * @property {string[]} names paths inside the data set, as shown and in the address
 * @property {Packed} scores
 * @property {number[]} labels 1 defective, 0 good, -1 unknown, 2 a training image
 * @property {Coded} kinds defect types; of training images what is to be known of them
 * @property {Coded} regions each word a JSON list of the pixels of the true regions
 * @property {Packed} largest pixels of the largest true region, NaN without one
 * @property {number[]} causes bits in the order of `words.causes`, for any outcome
 * @property {number[]} ranks place of each in the order by path
 * @property {string[]} problems on the card, "" for none
 * @property {boolean[]} [odd] of training images: left out of the thresholds, since they stand apart
 * @property {string[]} [copies] of training images: their near-copies in words, "" without any
 *
 * @typedef {object} Photos one of the lists of images
 * @property {Images} images
 * @property {Pictures} pictures
 * @property {Data["whole"]} whole
 * @property {Words["orders"]} orders
 * @property {Omit<Histogram, "channel" | "low" | "high" | "named">} [point] their scores; absent where there are none
 *
 * @typedef {Photos & { said: string, page: string }} Training the training images with their held-out scores; `said`: how
 *   they were scored, `page`: address of Training photos
 *
 * @typedef {object} Overlap of prediction and truth at one pixel threshold
 * @property {number} pixel the threshold
 * @property {Packed} iou
 * @property {Packed} overlooked defect pixels below the threshold
 * @property {boolean} exact false: both are interpolated between two thresholds
 *
 * @typedef {object} Words
 * @property {Record<Outcome, string>} outcomes
 * @property {[key: string, words: string, outcomes: Outcome[], help: string][]} causes and of which outcomes they are
 * @property {Record<string, string>} missing cause -> why this run cannot tell
 * @property {Record<string, string>} verdicts
 * @property {[words: string, column: string, ascending: boolean][]} orders that have data
 *
 * @typedef {object} Entry what Python is asked to do; applied in the order of `seq`, each once
 * @property {number} seq 1, 2, ...
 * @property {Kind} kind
 * @property {string} [image] name
 * @property {string} [verdict] a key of `words.verdicts`
 * @property {string} [note]
 * @property {string[]} [tags]
 * @property {string} [author]
 * @property {string} [key] of `answers`
 * @property {Record<string, unknown>} [with] what else it needs; what is not set is null
 *
 * @typedef {"verdict" | "undo" | "note" | "author" | "use" | "release" | "view_save" | "view_delete" | "view_undo" |
 *   "export" | "teach" | "teach_keep" | "teach_discard" | "ask"} Kind those with a key are answered as `Answers` has it. `use`: with {threshold, review_from,
 *   pixel_threshold}, null for the run's own, key "used"; `release`: back to held-out, key "used"; `view_save`: with
 *   {name, query}, `view_delete`: with {name}, `view_undo`: with {name, id}, all with the key "view"; `export`: with
 *   {numbers, form, threshold, pixel_threshold, images}, key "export FORM"; `teach`: with {numbers}, slow, `teach_keep` and
 *   `teach_discard`: with {trial}, all with the key "teach"; `ask`: a question
 *
 * @typedef {object} Outbox
 * @property {string} id of the mount
 * @property {string} run that the entries are about
 * @property {Entry[]} entries that are not acknowledged
 * @property {string} known the `state` of the verdicts that was told last
 * @property {number} looks how often slow answers were looked for
 * @property {number[]} heard `seq` of the questions whose answers need not be told again
 *
 * @typedef {object} Judgement what a reviewer said of an image last
 * @property {string} verdict
 * @property {string} author
 * @property {string} given_at ISO
 * @property {string} note
 * @property {string[]} tags
 *
 * @typedef {object} Answer
 * @property {number} seq of the question
 * @property {unknown} value
 * @property {string} error why there is none, or ""
 *
 * @typedef {object} Told what Python answers to an outbox, by the widget workspace/post
 * @property {string} channel key of the workspace
 * @property {string} id the outbox that it has read, or ""
 * @property {number} acked all entries up to this one were applied or refused
 * @property {Record<number, string>} refused seq -> sentence
 * @property {Record<string, Answer>} answers by key
 * @property {string} state name of the verdicts as they are now
 * @property {string} since the state from which `judged` tells the changes; "": it tells all verdicts
 * @property {Record<number, Judgement | null>} judged by the number of the image; null: it has no verdict any more
 * @property {string[]} tags used in the store
 * @property {string} author "" where nobody is known
 * @property {boolean} signed_in whether that is who has signed in, so that no other name can be typed
 */

/**
 * @typedef {object} Data
 * @property {RunChoice} run
 * @property {RunChoice[]} runs that can be opened, newest first, the present one among them
 * @property {{ id: string, label: string }[]} besides whose maps can be shown too
 * @property {Images} images
 * @property {Overlap | null} overlap
 * @property {Words} words
 * @property {{ score: Range | null, size: Range | null }} whole ends of the ranges that can be filtered by; null: no such filter
 * @property {Level} image
 * @property {Level} pixel
 * @property {Point[]} starts of the review zone; those below the threshold are offered
 * @property {Pictures} pictures
 * @property {Training | null} training null: this run recorded no held-out scores of training images
 * @property {Record<string, string>} colours
 * @property {string} inferno 256 colours, 6 hexadecimal digits each
 * @property {Record<string, string>} styles CSS of the child widgets, by name
 * @property {Parts} parts
 * @property {string} channel key of this workspace
 */

/**
 * What parts of the workspace need beyond the columns.
 * @typedef {object} Parts
 * @property {{ figures: Figure[] }} first_line the headline figures and the numbers of good and defective images
 * @property {Checks} checks at the default threshold
 * @property {{ fields: Omit<Field, "value">[] }} costs parameters of the methods and costs, by their names in the address
 * @property {Used | null} used what was chosen for the run; null: the run's own thresholds are in use
 * @property {string} read_only why nothing can be stored, a sentence; "" where it can
 * @property {{ run: string, level: Level } | null} beside the pixel thresholds of the second run of the address
 * @property {Verdict[]} verdicts
 * @property {Teaching} teaching
 * @property {{ inspect: string }} links addresses of other pages with this run
 * @property {{ trimmed: string }} viewer
 * @property {Omit<Histogram, "channel" | "low" | "high" | "named">} [point] absent where there are no scores
 * @property {Omit<Histogram, "channel" | "low" | "high" | "named">} [pixel_point]
 *
 * @typedef {object} Teaching photos that are taught to this run on trial
 * @property {string} locked why nothing can be taught here, a sentence, or ""
 * @property {TrialData[]} trials
 *
 * @typedef {object} Used thresholds that somebody chose for the run; null: the run's own
 * @property {number | null} threshold
 * @property {number | null} review_from
 * @property {number | null} pixel_threshold
 * @property {string} author
 * @property {string} at ISO
 * @property {string} sentence
 *
 * @typedef {{ checks: FirstLine["checks"], findings: Findings }} Checks
 */

/**
 * The answers by the first word of their key; in braces what `with` holds. An answer belongs to its key for good, so
 * the key names all that it depends on.
 * @typedef {object} Answers
 * @property {Overlap} overlap "overlap PIXEL" {pixel}
 * @property {Record<string, string>} why "why NUMBER THRESHOLD" {number, threshold}: cause -> sentence
 * @property {string} pixel "pixel NUMBER ROW COLUMN" {number, row, column}
 * @property {(Judgement & { id: number })[]} history "history NUMBER TIME" {number}, TIME of its last verdict: all of its
 *   entries, the oldest first
 * @property {Listed[]} views "views", those of the run first
 * @property {{ views: Listed[], done: { id: number, name: string, saved: boolean } }} view to view_save, view_delete and
 *   view_undo
 * @property {Used | null} used "used", and to use and release
 * @property {{ sentence: string, figures: Figure[], tables: Tables["tables"] }} without "without NUMBERS" {numbers}: figures
 *   without the images that are marked as label wrong; slow
 * @property {Tables} figures "figures": all figures, per defect type, published ones
 * @property {Tables} listed "listed THRESHOLD PIXEL NUMBERS" {numbers, threshold, pixel}: figures of these images alone
 * @property {Checks} checks "checks THRESHOLD NAME" {threshold, name, …}, the name of a point or "", and the
 *   parameters as in costs
 * @property {{ panels: Given[], limit: number }} curves "curves"
 * @property {Omit<Tally, "follows" | "follows_pixels" | "thresholds" | "pixel_threshold" | "intervals_at" | "chosen" |
 *   "colours">} tally
 *   "tally PIXEL" {pixel}: intervals of the recall per region size hold at this pixel threshold
 * @property {{ table: Regions, boxes: Box[] }} regions "regions NUMBER PIXEL" {number, pixel}: a box a row, to zoom to
 * @property {EvidenceImage} evidence "evidence NUMBER KEY" {number}, KEY of its pictures: why the image scores what it does;
 *   slow
 * @property {Patch} patch "patch NUMBER KEY ROW COLUMN K" {number, row, column, k}: a patch and its k nearest bank rows;
 *   slow unless `evidence` of the image was asked for
 * @property {Costs} costs "costs QUANTILE SDS FPR ESCAPE OVERKILL DEFECT_RATE LOOK FROM THRESHOLD" {quantile, sds, fpr,
 *   escape, overkill, defect_rate, look, review_from, threshold}
 * @property {{ level: Level }} beside "beside RUN" {run}
 * @property {Teaching} trials "trials": as they are now
 * @property {{ words: string, address: string }} teach to teach, teach_keep and teach_discard: what came of it, or "", and
 *   a run to open, or ""
 * @property {{ address: string, name: string }} export "export FORM" and to export: csv, zip (slow) or verdicts
 *
 * @typedef {Omit<SavedView, "notes"> & { own: boolean, gone: boolean }} Listed `gone`: its run
 *
 * @typedef {object} Costs the thresholds and starts that the parameters give, and what the zones cost
 * @property {Level} image
 * @property {Point[]} starts
 * @property {CostForm["zones"]} zones
 * @property {string} sentence
 */
