// What the parts of the workspace share: a file of types alone.

/** @import { Answers } from "./answers.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Store } from "./store.js" */

/**
 * @typedef {object} Room
 * @property {Store} store
 * @property {Outbox} outbox
 * @property {Answers} answers
 * @property {() => void} draw all of it
 */

export {};
