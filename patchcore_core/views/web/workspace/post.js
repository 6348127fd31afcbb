// Carries the workspace's outbox to Python and what Python answers back, without a face of its own. In Streamlit it
// stands in a fragment, so that a verdict reruns nothing else.

import { say } from "../lib/events.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Outbox, Told } from "./data.js" */

/** @typedef {{ outbox: Outbox }} Tells */

/** @type {Mount<Told, Tells>} */
export const mount = widget("post", (root, emit, life, first) => {
  root.hidden = true;
  let told = first;
  life.hear("workspace", ({ channel }) => {
    if (channel === told.channel) say("told", told);
  });
  life.hear("outbox", ({ channel, outbox }) => {
    if (channel === told.channel) emit("outbox", outbox);
  });
  return (data) => {
    told = data;
    say("told", told);
  };
});
