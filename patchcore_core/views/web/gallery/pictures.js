// Brings the gallery its pictures, without a face of its own. In Streamlit it stands in a fragment: the gallery says
// which pictures it lacks, this asks Python for them, and says when they have come.

import { say } from "../lib/events.js";
import { widget } from "../lib/life.js";
/** @import { Events } from "../lib/events.js" */
/** @import { Mount } from "../lib/life.js" */

/**
 * @typedef {Uint8Array} Data length of a JSON head (uint32, little-endian), the head {album, channel, files: [id, size,
 *   note]}, the picture files
 * @typedef {{ wanted: string[] }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("pictures", (root, emit, life) => {
  root.hidden = true;
  let channel = "";
  life.hear("pictures-wanted", (wanted) => {
    if (wanted.channel === channel) emit("wanted", wanted.ids);
  });
  return (data) => {
    const answer = unpack(data);
    channel = answer.channel;
    say("pictures", answer); // even if it is empty: it tells the gallery that somebody listens now
  };
});

/**
 * @param {Data} bytes
 * @returns {Events["pictures"]}
 */
function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  /** @type {{ album: string, channel: string, files: [string, number, string][] }} */
  const { album, channel, files } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let place = 4 + length;
  return { album, channel, pictures: files.map(([id, size, note]) => [id, bytes.slice(place, (place += size)), note]) };
}
