// Going to another address of the same page, as the browser's Back and Forward do: Streamlit hears it and runs the page
// with that address in the same session, and so does whatever else reads the address.

/** @param {string} search "?run=…" */
export function go(search) {
  const url = new URL(window.location.href);
  url.search = search;
  url.hash = "";
  window.history.pushState({}, "", url);
  window.dispatchEvent(new PopStateEvent("popstate"));
}
