// What a key that is pressed is meant for.

const NO_TEXT = ["checkbox", "radio", "range", "button", "file", "reset", "submit", "color"];

/**
 * Whether the key is a letter being typed, also within a component.
 * @param {Event} event
 */
export function takesText(event) {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target instanceof HTMLInputElement && !NO_TEXT.includes(target.type);
}

/**
 * Whether a key is held that makes another one a command of the browser.
 * @param {KeyboardEvent | MouseEvent} event
 */
export function withModifier({ ctrlKey, metaKey, altKey }) {
  return ctrlKey || metaKey || altKey;
}
