// What widgets say to each other in the browser, without Python: events on the window, since each widget is a module
// of its own and may be mounted, and go, at any time.

/** @import { ViewerPicture } from "../viewer/payload.js" */
/** @import { Outbox, Told } from "../workspace/data.js" */

/**
 * Every event: its name and what it carries. `channel` is the key of the widget that it comes from or is meant for.
 * @typedef {object} Events
 * @property {{ source: string, low: number, high: number, by?: object }} thresholds The handles of the operating point
 *   `source` move: score < low is OK, score >= high is NG. `by`: who else moved them.
 * @property {{ channel: string, row: string }} patch-wanted The map of a bank lacks the picture of this row.
 * @property {{ album: string, patches: [row: string, file: Uint8Array, note: string][] }} patches They have come.
 * @property {{ channel: string, pictures: ViewerPicture[] }} ahead These pictures are likely to be wanted next.
 * @property {{ channel: string }} settle The viewer is to tell at once what it would tell when it comes to rest.
 * @property {{ channel: string, outbox: Outbox }} outbox The workspace tells Python this.
 * @property {Told} told What Python answers.
 * @property {{ channel: string }} workspace A workspace was mounted, which has not heard Python's answers.
 */

const PREFIX = "patchcore:";

/**
 * @template {keyof Events} N
 * @param {N} name
 * @param {Events[N]} detail
 */
export function say(name, detail) {
  window.dispatchEvent(new CustomEvent(PREFIX + name, { detail }));
}

/**
 * Call `act` whenever this is said, until the signal ends it (see life.js).
 * @template {keyof Events} N
 * @param {N} name
 * @param {(detail: Events[N]) => void} act
 * @param {AbortSignal} signal
 */
export function hear(name, act, signal) {
  window.addEventListener(PREFIX + name, (event) => act(/** @type {CustomEvent} */ (event).detail), { signal });
}
