// Says which image Python shows, now that all of it is on the page, and which pictures are likely to be wanted next;
// and says so again to a viewer that came later.

import { say } from "../lib/events.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { ViewerPicture } from "./payload.js" */

/**
 * @typedef {{ channel: string, current: string, pictures: ViewerPicture[] }} Data
 * @typedef {{}} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("ahead", (root, _, life) => {
  root.hidden = true;
  let tell = () => {};
  life.hear("viewer", () => tell());
  return ({ channel, current, pictures }) => {
    tell = () => {
      say("ahead", { channel, pictures });
      say("settled", { viewer: channel, id: current });
    };
    tell();
  };
});
