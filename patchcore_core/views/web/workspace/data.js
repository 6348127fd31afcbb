// What Python gives the workspace and what it tells: the contract between the browser and pages/ui/review/workspace/face.py.
//
// Columns have one entry an image, in the order of the run's table; the place in them is the image's number. Names of
// filters, thresholds and views are those of the address (docs/design.md, "Links").

/** @import { Coded } from "../gallery/state.js" */
/** @import { Packed } from "../lib/numbers.js" */
/** @import { Pictures } from "../lib/pictures.js" */
/** @import { Box, Range as Limits } from "../viewer/payload.js" */

/**
 * @typedef {[from: number, to: number]} Range both ends included
 * @typedef {"outcome" | "defect" | "cause" | "verdict" | "tag"} Several filters of which several values may be chosen
 * @typedef {"TP" | "FN" | "FP" | "TN" | "?"} Outcome
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
 * @property {string[] | null} panes null: the remembered or default ones
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
 * @property {string} default name of a point, or a number as text
 * @property {Range} span a threshold of the address is kept within it
 *
 * @typedef {object} Images
 * @property {string[]} names paths inside the data set, as shown and in the address
 * @property {Packed} scores
 * @property {number[]} labels 1 defective, 0 good, -1 unknown
 * @property {Coded} kinds defect types
 * @property {Coded} regions each word a JSON list of the pixels of the true regions
 * @property {Packed} largest pixels of the largest true region, NaN without one
 * @property {number[]} causes bits in the order of `words.causes`, for any outcome
 * @property {number[]} ranks place of each in the order by path
 * @property {string[]} problems on the card, "" for none
 *
 * @typedef {object} Overlap of prediction and truth at one pixel threshold
 * @property {number} pixel the threshold
 * @property {Packed} iou
 * @property {Packed} overlooked defect pixels below the threshold
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
 * @property {Record<string, unknown>} [with] what else it needs
 *
 * @typedef {"verdict" | "undo" | "note" | "author" | "use" | "release" | "view_save" | "view_delete" | "view_undo" |
 *   "export" | "ask"} Kind `use`: with {threshold, review_from, pixel_threshold}; `release`: back to held-out;
 *   `view_save`: with {name, query}; `export`: with {numbers, form: "csv" | "zip"}; `ask`: answered under `key`
 *
 * @typedef {{ id: string, entries: Entry[] }} Outbox `id` of the mount; the entries that are not acknowledged
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
 * @property {Record<number, Judgement>} judged by the number of the image
 * @property {string[]} tags used in the store
 * @property {string} author "" where nobody is known
 */

/**
 * @typedef {object} Data
 * @property {{ id: string, label: string, category: string }} run
 * @property {{ id: string, label: string }[]} runs that can be opened instead, newest first
 * @property {{ id: string, label: string }[]} besides whose maps can be shown too
 * @property {Images} images
 * @property {Overlap | null} overlap
 * @property {Words} words
 * @property {{ score: Range | null, size: Range | null }} whole ends of the ranges that can be filtered by; null: no such filter
 * @property {Level} image
 * @property {Level} pixel
 * @property {Level | null} beside_level pixels of the second run; null without one
 * @property {Point[]} starts of the review zone; those below the threshold are offered
 * @property {Pictures} pictures
 * @property {Record<string, string>} colours
 * @property {string} inferno 256 colours, 6 hexadecimal digits each
 * @property {Record<string, string>} styles CSS of the child widgets, by name
 * @property {Record<string, unknown>} parts what a child widget needs beyond all this, by its name
 * @property {string} channel key of this workspace
 */
