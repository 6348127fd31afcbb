// A button that copies the address in the browser. Where the clipboard is refused, as on an address without https, the
// older way is tried, and then the address stands selected in a field.

const SAID_MS = 2500;

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".copy");
  root.parts ??= build(root, data.label);
}

function build(root, label) {
  const [button, said, field] = [element("button", ""), element("span", "said"), element("input", "")];
  Object.assign(button, { type: "button", textContent: label });
  Object.assign(field, { type: "text", readOnly: true, hidden: true });
  field.setAttribute("aria-label", "The address of this view");
  said.setAttribute("role", "status");
  root.append(button, said, field);
  button.onclick = () => copy(said, field);
  field.onfocus = () => field.select();
  field.onkeydown = (event) => {
    if (event.key === "Escape") hide(field, button);
    event.stopPropagation();
  };
  return { button, said, field };
}

async function copy(said, field) {
  const address = window.location.href;
  field.hidden = true;
  if ((await written(address)) || selected(field, address)) {
    field.hidden = true;
    say(said, "Copied");
  } else say(said, "The browser refuses: copy it from here");
}

async function written(address) {
  try {
    await navigator.clipboard.writeText(address);
    return true;
  } catch {
    return false; // refused, or there is no clipboard on this address
  }
}

// Show the address, selected, and say whether the browser copied it from there.
function selected(field, address) {
  Object.assign(field, { hidden: false, value: address });
  field.focus();
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}

function hide(field, button) {
  field.hidden = true;
  button.focus();
}

function say(said, words) {
  clearTimeout(said.timer);
  said.textContent = words;
  said.timer = setTimeout(() => (said.textContent = ""), SAID_MS);
}

function element(tag, name) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  return made;
}
