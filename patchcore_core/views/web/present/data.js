// What Python gives the widgets `present` and `report`, as patchcore_core/views/present/deck.py has it.

/** @import { Data as Evidence } from "../evidence/data.js" */

/**
 * @typedef {[share: number, low: number, high: number]} Known a share of parts and the ends of its interval
 * @typedef {{ name: string, found: Known | null, stopped: Known | null }} Prices rates of a run; null: not tested
 * @typedef {{ escape: number, overkill: number, rate: number }} Costs two prices, and defective parts in percent
 * @typedef {{ label: string, words: string, share: number, low: number, high: number, colour: string }} Bar
 * @typedef {object} Dots parts as dots: `count` in `colour`, the others in `rest`, some with a ring
 * @property {number} base
 * @property {number} count
 * @property {number} ring_from
 * @property {number} ring_to
 * @property {string} colour
 * @property {string} rest
 * @property {string} words
 * @property {[colour: string, rest: string]} key what both mean, "" for nothing to say
 * @typedef {{ address: string, words: string, alt: string, run: string }} Figure
 *
 * @typedef {object} Screen
 * @property {"title" | "rate" | "cost" | "example" | "evidence" | "limits"} kind
 * @property {string} name unique among the screens
 * @property {string} title
 * @property {string[]} words large
 * @property {string[]} notes small
 * @property {Bar[]} bars
 * @property {Dots | null} dots
 * @property {Figure[]} figures
 * @property {Prices[]} prices
 * @property {Evidence | null} evidence to look into
 *
 * @typedef {{ id: string, words: string, thumbnail: string }} Candidate an image that can be an example; its address
 *   of a small picture, or ""
 *
 * @typedef {object} Data
 * @property {string} label
 * @property {Screen[]} screens
 * @property {string} at the name of the screen that is shown; any other stands for the first
 * @property {Costs} costs
 * @property {Candidate[]} candidates
 * @property {string[]} chosen the examples in their order
 * @property {Record<string, string>} styles CSS of the widgets within it, by name
 *
 * @typedef {{ at: string, costs: Costs, chosen: string[] }} Tells
 */
