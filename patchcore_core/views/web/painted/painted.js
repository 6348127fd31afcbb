// Tells Python once that the viewer has painted its first picture, or that waiting for it takes too long.

import { hasPainted } from "../lib/events.js";
import { widget } from "../lib/life.js";
/** @import { Mount } from "../lib/life.js" */

const LONGEST_MS = 1500;

/**
 * @typedef {unknown} Data nothing
 * @typedef {{ painted: true }} Tells
 */

/** @type {Mount<Data, Tells>} */
export const mount = widget("painted", (root, emit, life) => {
  root.hidden = true;
  const timer = life.timer();
  let told = false;
  const tell = () => {
    timer.stop();
    if (!told) emit("painted", true);
    told = true;
  };
  life.hear("painted", tell);
  timer.set(hasPainted() ? 0 : LONGEST_MS, tell);
  return () => {};
});
