// Previous and next, by button or key: the gallery knows which image that is and chooses it.
//
// From the choice until Python shows the image, keys that act on an image are held back: they are meant for the one
// on the screen, and Python would still give them to the one before it.

const STEPS = [["Previous", "p", -1, "‹"], ["Next", "n", 1, "›"]];
const HELD_MS = 5000; // then nobody knows any more what a key was meant for

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".steps");
  const state = (root.state ??= begin(root));
  state.data = data;
  if (!isTurning(state)) enable(state, data);
  return () => {
    for (const [name, listener, capture] of state.heard) window.removeEventListener(name, listener, capture);
  };
}

function begin(root) {
  const state = { turning: null, kept: null };
  state.steps = STEPS.map(([label, key, by, sign]) => {
    const button = document.createElement("button");
    const [mark, cap] = [document.createElement("span"), document.createElement("kbd")];
    Object.assign(button, { type: "button", title: `${label} image of the list` });
    button.setAttribute("aria-keyshortcuts", key);
    Object.assign(mark, { className: "sign", textContent: sign });
    cap.textContent = key.toUpperCase();
    for (const part of [mark, cap]) part.setAttribute("aria-hidden", "true");
    button.append(mark, label, cap);
    button.onclick = () => step(state, by);
    root.append(button);
    return { button, key, by };
  });
  state.heard = [
    ["keydown", (event) => press(state, event), true],
    ["patchcore:show", ({ detail }) => turn(state, detail), false],
    ["patchcore:settled", ({ detail }) => settle(state, detail), false],
  ];
  for (const [name, listener, capture] of state.heard) window.addEventListener(name, listener, capture);
  return state;
}

function enable({ steps }, { before, after }) {
  for (const { button, by } of steps) button.disabled = !(by < 0 ? before : after);
}

const isTurning = ({ turning }) => Boolean(turning) && performance.now() < turning.until;

function step({ data }, by) {
  window.dispatchEvent(new CustomEvent("patchcore:step", { detail: { gallery: data.gallery, by } }));
}

function press(state, event) {
  if (!event.isTrusted || event.ctrlKey || event.metaKey || event.altKey || takesText(event)) return;
  const key = event.key.toLowerCase();
  const found = state.steps.find((one) => one.key === key);
  const held = isTurning(state) && state.data.held.includes(key);
  if (!found && !held) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (held) state.kept ??= { key: event.key, code: event.code, target: event.composedPath()[0] };
  else if (!state.kept && !found.button.disabled) step(state, found.by);
}

function turn(state, { viewer, id, before, after }) {
  if (viewer !== state.data.viewer) return;
  enable(state, { before, after });
  state.kept = null;
  state.turning = id === state.shown ? null : { id, until: performance.now() + HELD_MS };
}

// Python shows this image: what was held back is pressed now, once its buttons are there.
function settle(state, { viewer, id }) {
  if (viewer !== state.data.viewer) return;
  state.shown = id;
  if (state.turning?.id !== id) return;
  const kept = isTurning(state) ? state.kept : null;
  Object.assign(state, { kept: null, turning: null });
  enable(state, state.data);
  if (!kept) return;
  const { key, code, target } = kept;
  const again = target.isConnected ? target : document.body;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const kind of ["keydown", "keyup"])
      again.dispatchEvent(new KeyboardEvent(kind, { key, code, bubbles: true, composed: true, cancelable: true }));
  }));
}
