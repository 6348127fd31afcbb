// One of several values: a select element, or radio buttons in a row. All text is set as text, never as HTML.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".choice");
  root.choose = (value) => component.setTriggerValue("chosen", value);
  const drawn = JSON.stringify([data.label, data.options, data.unchosen, data.buttons]);
  if (drawn !== root.drawn) {
    root.drawn = drawn; // else a list that is open, or the focus, stays
    root.mark = data.buttons ? row(root, data) : list(root, data);
  }
  root.mark(data.chosen);
}

function list(root, { label, options, unchosen }) {
  const select = document.createElement("select");
  const none = new Option(unchosen, "");
  none.hidden = true;
  select.append(none, ...options.map(([value, words]) => new Option(words, value)));
  select.onchange = () => root.choose(select.value);
  select.onkeydown = (event) => event.stopPropagation(); // letters go to an option here, and to nothing else
  const title = element("label", "label", label);
  title.htmlFor = select.id = "select";
  root.replaceChildren(title, element("span", "box", select));
  return (chosen) => {
    select.value = chosen;
    select.title = select.selectedOptions[0]?.textContent ?? "";
  };
}

function row(root, { label, options }) {
  const name = `choice-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const radios = options.map(([value]) => {
    const radio = Object.assign(document.createElement("input"), { type: "radio", name, value });
    radio.onchange = () => root.choose(value);
    return radio;
  });
  const made = element("div", "row", ...options.map(([, words], at) => element("label", "", radios[at], words)));
  made.setAttribute("role", "radiogroup");
  made.setAttribute("aria-label", label);
  root.replaceChildren(made);
  return (chosen) => {
    for (const radio of radios) radio.checked = radio.value === chosen;
  };
}

function element(tag, name, ...parts) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...parts);
  return made;
}
