// How Streamlit calls a widget. It calls the script again with each rerun, and hands its result back as the clean-up
// when the element goes; but also, with the element still there, when two reruns overtake each other. So a widget is
// unmounted only once its element has left the page.

/** @import { Mounted, Mount } from "../../../patchcore_core/views/web/lib/life.js" */

/**
 * @typedef {(name: string, value: unknown) => void} Tell
 * @typedef {{ data: unknown, parentElement: ParentNode, setStateValue: Tell, setTriggerValue: Tell }} Called
 */

/** @type {WeakMap<Element, { tell: Tell, mounted?: Mounted<unknown> }>} the widget in a root */
const known = new WeakMap();

/**
 * The function that Streamlit calls.
 * @param {{ mount: Mount<unknown, Record<string, unknown>> }} widget
 * @param {string[]} states names of what stays in Streamlit's session; all else is heard once, as a trigger
 */
// deno-lint-ignore no-unused-vars -- called in the line that mount.py adds
function face({ mount }, states) {
  return (/** @type {Called} */ { data, parentElement, setStateValue, setTriggerValue }) => {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".widget"));
    /** @type {Tell} */
    const tell = (name, value) => (states.includes(name) ? setStateValue : setTriggerValue)(name, value);
    const here = known.get(root) ?? { tell };
    here.tell = tell;
    if (here.mounted) here.mounted.update(data);
    else {
      known.set(root, here);
      here.mounted = mount(root, data, (name, value) => here.tell(name, value));
    }
    return () => {
      if (root.isConnected || known.get(root) !== here) return;
      known.delete(root);
      here.mounted?.unmount();
    };
  };
}
