// The regions of an image as a table; pressing a region's button tells Python its place as the trigger `chosen`.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".regions");
  const table = element("table");
  table.append(element("caption", data.label), head(data.heads), body(data.rows, (place) => {
    setTriggerValue("chosen", place);
  }));
  root.replaceChildren(table);
}

function head(heads) {
  const row = element("tr");
  for (const [name, help] of heads) row.append(Object.assign(element("th", name), { scope: "col", title: help }));
  const found = element("thead");
  found.append(row);
  return found;
}

function body(rows, choose) {
  const found = element("tbody");
  rows.forEach(([kind, ...texts], place) => {
    const button = Object.assign(element("button", kind), { type: "button", title: "Zoom to this region" });
    button.onclick = () => choose(place);
    const row = element("tr");
    const first = element("td");
    first.append(button);
    row.append(first, ...texts.map((text) => element("td", text)));
    found.append(row);
  });
  return found;
}

function element(tag, text = "") {
  return Object.assign(document.createElement(tag), { textContent: text });
}
