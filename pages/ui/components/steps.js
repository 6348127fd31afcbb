// Previous and next, by button or key: the gallery knows which image that is and chooses it.
//
// From the choice until Python shows the image, keys and buttons that act on an image are held back: they are meant
// for the one on the screen, and Python would still give them to the one before it, or to none.

const STEPS = [["Previous", "p", -1, "‹"], ["Next", "n", 1, "›"]];
const HELD_MS = 5000; // then the viewer shows the image before it again, and keys are meant for that one
const STILL = 8; // pixels that a mouse may move in a click
const LATEST_MS = 60000; // what was held back before is pressed even then, if the image does come

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
  const state = { turning: null, kept: null, down: null };
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
    ["pointerdown", (event) => hold(state, event), true],
    ["pointerup", (event) => letGo(state, event), true],
    ["click", (event) => click(state, event), true],
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
  const held = isTurning(state) && key in state.data.held;
  if (!found && !held) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (held) state.kept ??= { key: event.key, code: event.code, target: event.composedPath()[0] };
  else if (!state.kept && !found.button.disabled) step(state, found.by);
}

// The key of the button of Streamlit's that the pointer is on, if it is one of those that act on an image.
function keyAt({ data }, { target }) {
  if (!target.closest?.("button")) return undefined;
  return Object.keys(data.held).find((key) => target.closest(`[class*="st-key-${data.held[key]}"]`));
}

const keep = (state, key) => (state.kept ??= { key, code: "", target: document.body });
const onScreen = (state) => (isTurning(state) ? state.turning.id : state.shown);

function click(state, event) {
  const key = event.isTrusted && isTurning(state) && keyAt(state, event);
  if (!key) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  keep(state, key);
}

// Each image has buttons of its own: where they come while one of the last is pressed, the browser makes no click.
function hold(state, event) {
  const key = event.isTrusted && event.button === 0 && keyAt(state, event);
  const { clientX: x, clientY: y } = event;
  state.down = key ? { key, x, y, button: event.target.closest("button"), id: onScreen(state) } : null;
}

function letGo(state, { clientX, clientY }) {
  const { down } = state;
  state.down = null;
  if (!down || down.button.isConnected || down.id !== onScreen(state)) return;
  if (Math.hypot(clientX - down.x, clientY - down.y) > STILL) return;
  if (isTurning(state)) keep(state, down.key);
  else pressAgain(keep({}, down.key));
}

function turn(state, { viewer, id, before, after }) {
  if (viewer !== state.data.viewer) return;
  enable(state, { before, after });
  state.kept = null;
  const now = performance.now();
  state.turning = id === state.shown ? null : { id, until: now + HELD_MS, latest: now + LATEST_MS };
}

// Python shows this image: what was held back is pressed now, once its buttons are there.
function settle(state, { viewer, id }) {
  if (viewer !== state.data.viewer) return;
  state.shown = id;
  if (state.turning?.id !== id) return;
  const kept = performance.now() < state.turning.latest ? state.kept : null;
  Object.assign(state, { kept: null, turning: null });
  enable(state, state.data);
  if (kept) pressAgain(kept);
}

function pressAgain({ key, code, target }) {
  const again = target.isConnected ? target : document.body;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const kind of ["keydown", "keyup"])
      again.dispatchEvent(new KeyboardEvent(kind, { key, code, bubbles: true, composed: true, cancelable: true }));
  }));
}
