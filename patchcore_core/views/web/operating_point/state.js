// What the operating point is given and tells, and what it consists of while it is shown.

/** @import { Replies } from "../lib/replies.js" */
/** @import { Timer } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */
/** @import { Axis } from "./axis.js" */
/** @import { ScoreClass } from "./counts.js" */
/** @import { Parts } from "./parts.js" */

/**
 * @typedef {"good" | "defective" | "unlabelled"} Label
 * @typedef {"ok" | "review" | "ng"} Zone
 * @typedef {"low" | "high"} Handle
 * @typedef {{ low: number, high: number }} Thresholds score < low is OK, score >= high is NG
 * @typedef {{ name: string, value: number, label: string, help: string }} Named a threshold to snap to
 *
 * @typedef {object} Data either `scores`, ascending, or `counts` in bins between `edges`
 * @property {Record<Label, Packed>} [scores]
 * @property {Record<Label, Packed>} [counts] (B,)
 * @property {Packed} [edges] (B + 1,)
 * @property {string} channel
 * @property {string} label
 * @property {string} unit what is counted
 * @property {number} low
 * @property {number} high
 * @property {boolean} log whether counts are drawn on a logarithmic scale at first
 * @property {boolean} zone whether there is one to review
 * @property {Named[]} named
 * @property {string[]} notes
 * @property {Record<string, string>} colours
 *
 * @typedef {{ released: [low: number, high: number] }} Tells
 *
 * @typedef {object} Drag
 * @property {number} pointer its id
 * @property {Handle | "both"} which
 * @property {Thresholds} from where the handles stood
 * @property {number} offset pixels from the pointer to the handle
 *
 * @typedef {object} Moving what handles need that are moved
 * @property {HTMLElement} root
 * @property {{ plot: HTMLElement, flags: Record<Handle, HTMLElement>, inputs: Record<Handle, HTMLInputElement> }} parts
 * @property {Pick<Data, "channel" | "zone" | "named">} data
 * @property {ScoreClass[]} classes good, defective, unlabelled
 * @property {number} low where the handles stand
 * @property {number} high
 * @property {Axis} axis
 * @property {Drag | null} drag
 * @property {Timer} resting runs from a key until Python is told
 * @property {Thresholds} before where the handles stood before the first key
 * @property {Replies<Thresholds>} replies
 * @property {() => void} draw all of it
 * @property {() => void} place the handles, and what follows them
 * @property {(low: number, high: number) => void} tell
 *
 * @typedef {object} Drawn
 * @property {Parts} parts
 * @property {Data} data
 * @property {boolean} log whether counts are drawn on a logarithmic scale
 * @property {{ top: number, bottom: number } | null} box pixels of the bars; null while there is no room to draw
 * @property {(score: number) => void} choose move a handle to this score, and tell
 *
 * @typedef {Moving & Drawn} State
 */
