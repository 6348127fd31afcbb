// Whether a key that is pressed is a letter being typed.

const NO_TEXT = ["checkbox", "radio", "range", "button", "file", "reset", "submit", "color"];

// The element itself, also within a component.
function takesText(event) {
  const [target] = event.composedPath();
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target.tagName === "INPUT" && !NO_TEXT.includes(target.type);
}
