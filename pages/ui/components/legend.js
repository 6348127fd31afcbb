// What the colours of the viewer mean: swatches, and the colour bar with the pixel threshold on it.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".legend");
  root.replaceChildren(...(data.scale ? [scale(data.scale)] : []), ...data.entries.map(entry));
}

function entry({ label, colour, filled }) {
  const swatch = element("span", filled ? "swatch filled" : "swatch");
  swatch.style.setProperty("--mark", colour);
  const made = element("span", "entry");
  made.append(swatch, label);
  return made;
}

function scale({ label, low, high, colours, tick }) {
  const bar = element("span", "bar");
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  if (tick !== null) {
    const mark = element("span", "tick");
    mark.style.left = `calc(${100 * tick}% - 1px)`;
    bar.append(mark);
  }
  const made = element("span", "entry");
  made.append(element("span", "", label), element("span", "number", low), bar, element("span", "number", high));
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", `${label}: colours from ${low} to ${high}`);
  return made;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
