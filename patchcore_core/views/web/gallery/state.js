// What the gallery is given and tells, and what it consists of while it is shown.

/** @import { Timer } from "../lib/life.js" */
/** @import { Packed } from "../lib/numbers.js" */
/** @import { Replies } from "../lib/replies.js" */
/** @import { Card } from "./cards.js" */
/** @import { Thumbnails } from "./thumbnails.js" */

/**
 * @typedef {[low: number, high: number]} Thresholds
 * @typedef {{ words: string[], places: number[] }} Coded a word for each image, as a place among the distinct ones
 *
 * @typedef {object} Data columns have one entry an image
 * @property {string[]} ids
 * @property {string[]} addresses of the thumbnails; "" for none
 * @property {Packed} scores
 * @property {number[]} labels 1 defective, 0 good, -1 unknown, 2 a training image
 * @property {Coded} kinds
 * @property {Coded} verdicts
 * @property {string} selected
 * @property {string} label
 * @property {string} channel
 * @property {string} follows key of an operating point, or ""
 * @property {Thresholds | null} thresholds
 * @property {"grid" | "strip"} layout
 * @property {number} height pixels
 * @property {Record<string, string>} colours
 *
 * @typedef {{ chosen: string }} Tells
 *
 * @typedef {object} State
 * @property {HTMLElement} root
 * @property {HTMLElement} sheet
 * @property {Data} data
 * @property {ArrayLike<number>} scores
 * @property {Thresholds | null} thresholds as they stand now
 * @property {string[] | null} listed the ids shown last; null before the first
 * @property {string} selected
 * @property {number} active place of what is selected, -1 where it is not listed
 * @property {Map<number, Card>} cards by place
 * @property {Thumbnails} thumbnails
 * @property {Replies<string>} replies
 * @property {Timer} telling runs from a choice until Python is told
 * @property {(id: string) => void} tell
 */
