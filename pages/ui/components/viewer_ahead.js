// Tells the viewer which picture is likely to be wanted next, once the browser has nothing else to do.

export default function ({ data }) {
  const tell = () => window.dispatchEvent(new CustomEvent("patchcore:ahead", { detail: data }));
  if (window.requestIdleCallback) requestIdleCallback(tell, { timeout: 1000 });
  else setTimeout(tell, 200);
}
