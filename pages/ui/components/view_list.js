// Saved views as links of the page itself, and a button to take each away. A plain click goes there as the browser's
// Back and Forward do: Streamlit then takes everything from the address, what is bound to widgets too. Any other click
// is the browser's own. All text is set as text, never as HTML, for visitors write it.

export default function (component) {
  const root = component.parentElement.querySelector(".views");
  root.remove_view = (name) => component.setTriggerValue("deleted", name);
  const { groups } = component.data;
  const drawn = JSON.stringify(groups);
  if (drawn === root.drawn) return; // the element under the mouse or the focus stays
  root.drawn = drawn;
  const place = [...root.querySelectorAll("li")].findIndex((one) => one.contains(one.getRootNode().activeElement));
  root.replaceChildren(...groups.flatMap(({ title, views }) => [
    element("h4", "", title), list(title, views, (name) => root.remove_view(name)),
  ]));
  const links = [...root.querySelectorAll("a")];
  if (place >= 0) links[Math.min(place, links.length - 1)]?.focus();
}

function list(title, views, remove) {
  const made = element("ul", "");
  made.setAttribute("aria-label", title);
  made.append(...views.map((view) => item(view, remove)));
  return made;
}

function item({ name, query, author, saved_at, notes }, remove) {
  const link = element("a", "name", name);
  link.href = address(query);
  link.title = name;
  link.onclick = (event) => open(event, link.href);
  const about = element("span", "about");
  about.append(element("bdi", "", author), ", ", time(saved_at), ...notes.map((note) => element("b", "note", note)));
  const button = element("button", "remove", "✕");
  button.type = "button";
  button.title = "Delete this view";
  button.setAttribute("aria-label", `Delete the view ${name}`);
  button.onclick = () => remove(name);
  const made = element("li", "");
  made.append(link, button, about);
  return made;
}

function address(query) {
  const url = new URL(window.location.href);
  url.search = query;
  url.hash = "";
  return url.href;
}

function open(event, href) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  window.history.pushState({}, "", href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

function time(iso) {
  const made = element("time", "", new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }));
  made.dateTime = iso;
  return made;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  if (name === "name") made.dir = "auto";
  return made;
}
