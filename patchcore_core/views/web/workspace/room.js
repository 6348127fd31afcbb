// What the parts of the workspace share: a file of types alone.

/** @import { Box } from "../viewer/payload.js" */
/** @import { Answers } from "./answers.js" */
/** @import { Chosen, State } from "./data.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Store } from "./store.js" */

/**
 * @typedef {{ number: number, row: number, column: number, count: number }} Picked a photo pixel of the image with this
 *   number that was clicked; another `count` is another click
 *
 * @typedef {object} Room
 * @property {Store} store
 * @property {Outbox} outbox
 * @property {Answers} answers
 * @property {Picked | null} picked last
 * @property {() => void} draw all of it
 * @property {(fields: Partial<State>) => void} change
 * @property {(chosen: Partial<Chosen>) => void} filter
 * @property {(level: State["level"], ends: [low: number, high: number]) => void} release handles of this level there
 * @property {(number: number | undefined) => void} show this image
 * @property {(box: Box) => void} zoom to this part of the photo
 */

export {};
