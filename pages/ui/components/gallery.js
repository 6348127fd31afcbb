// A grid of thumbnails, one of them selected. Click, or arrow keys, Home and End, and the id goes to Python as the
// trigger `chosen`. All text is set as text, never as HTML, for it comes from file names.

const PAUSE_MS = 120; // a held arrow key asks Python once it rests

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".strip");
  const state = (root.state ??= { cards: new Map(), timer: 0 });
  root.setAttribute("aria-label", data.label);

  const choose = (id, wait) => {
    mark(root, id);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => setTriggerValue("chosen", id), wait);
  };

  root.onclick = (event) => {
    const card = event.target.closest(".card");
    if (card) choose(card.dataset.id, 0);
  };
  root.onkeydown = (event) => {
    const card = root.querySelector(".card:focus");
    const next = card && target(root, card, event.key);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
    choose(next.dataset.id, PAUSE_MS);
  };

  const wanted = new Set(data.items.map((item) => item.id));
  for (const [id, card] of state.cards) {
    if (!wanted.has(id)) {
      card.remove();
      state.cards.delete(id);
    }
  }
  data.items.forEach((item, place) => {
    const card = state.cards.get(item.id) ?? newCard(item.id);
    state.cards.set(item.id, card);
    fill(card, item);
    if (root.children[place] !== card) root.insertBefore(card, root.children[place] ?? null);
  });
  mark(root, data.selected);
}

function newCard(id) {
  const card = document.createElement("button");
  card.type = "button";
  card.className = "card";
  card.dataset.id = id;
  card.setAttribute("role", "option");
  return card;
}

function fill(card, item) {
  const shown = JSON.stringify(item);
  if (card.shown === shown) return;
  card.shown = shown;
  const dot = element("span", "dot");
  dot.style.setProperty("--mark", item.colour);
  const line = element("span", "line");
  line.append(dot, element("span", "", item.score));
  card.replaceChildren(picture(item), line, element("span", "kind", item.kind));
  card.setAttribute("aria-label", `${item.name}, score ${item.score}, ${item.outcome}, ${item.kind}`);
  card.title = `${item.name}\n${item.outcome}`;
}

function picture(item) {
  if (!item.picture) return element("span", "picture", "not readable");
  const image = element("img", "picture");
  image.src = item.picture;
  image.alt = "";
  image.draggable = false;
  return image;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  if (text) made.textContent = text;
  return made;
}

// The selected card, or the first one, is the one that Tab reaches.
function mark(root, id) {
  const cards = [...root.children];
  const selected = cards.find((card) => card.dataset.id === id);
  for (const card of cards) {
    card.setAttribute("aria-selected", String(card === selected));
    card.tabIndex = card === (selected ?? cards[0]) ? 0 : -1;
  }
}

function target(root, card, key) {
  const cards = [...root.children];
  const place = cards.indexOf(card);
  const columns = getComputedStyle(root).gridTemplateColumns.split(" ").length;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  if (key === "Home") return cards[0];
  if (key === "End") return cards[cards.length - 1];
  return key in steps ? cards[place + steps[key]] : undefined;
}
