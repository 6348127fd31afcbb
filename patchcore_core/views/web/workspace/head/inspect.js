// The way to Inspect, which reads thresholds from its address as Review does.

/** @import { Store } from "../store.js" */

const NAMED = /** @type {const} */ (["threshold", "review_from", "pixel_threshold"]);

/**
 * Inspect with this run, and the thresholds that were chosen here; it knows the run's own.
 * @param {Pick<Store, "data" | "state">} store
 */
export function inspectAddress({ data: { parts: { links } }, state: { named, methods } }) {
  const chosen = NAMED.map((name) => /** @type {[string, string]} */ ([name, named[name]])).filter(([, value]) => value);
  const added = new URLSearchParams([...chosen, ...Object.entries(methods)]);
  return added.size ? `${links.inspect}&${added}` : links.inspect;
}
