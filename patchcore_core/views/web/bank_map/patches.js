// Brings the map its pictures, without a face of its own. In Streamlit it stands in a fragment: the map says which row's
// patch it lacks, this asks Python for it, and says when it has come.

import { say } from "../lib/events.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {{ album: string, channel: string, row: string, note: string, picture: string }} Data picture: base64 of a
 *   JPEG file, "" without one
 * @typedef {{ wanted: string }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("patches", (root, emit, life, first) => {
  root.hidden = true;
  let channel = first.channel;
  life.hear("patch-wanted", (wanted) => {
    if (wanted.channel === channel) emit("wanted", wanted.row);
  });
  return ({ album, channel: own, row, note, picture }) => {
    channel = own;
    const file = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
    say("patches", { album, patches: row ? [[row, file, note]] : [] }); // the map asks for what it lacks still
  };
});
