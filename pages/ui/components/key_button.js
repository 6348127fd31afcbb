// A button that is also pressed by a key, wherever the focus is but in a field that takes text.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".key");
  const state = (root.state ??= begin(root));
  Object.assign(state, { shortcut: data.shortcut, press: () => component.setTriggerValue("pressed", true) });
  state.button.replaceChildren(data.label, " ", state.kbd);
  state.kbd.textContent = data.shortcut;
  state.button.title = data.help;
  state.button.setAttribute("aria-keyshortcuts", data.shortcut);
  return () => window.removeEventListener("keydown", state.listener);
}

function begin(root) {
  const state = { button: document.createElement("button"), kbd: document.createElement("kbd") };
  state.button.type = "button";
  state.button.onclick = () => state.press();
  state.kbd.setAttribute("aria-hidden", "true");
  state.listener = (event) => {
    if (event.key !== state.shortcut || event.ctrlKey || event.metaKey || event.altKey || takesText(event)) return;
    event.preventDefault();
    state.press();
  };
  window.addEventListener("keydown", state.listener);
  root.append(state.button);
  return state;
}
