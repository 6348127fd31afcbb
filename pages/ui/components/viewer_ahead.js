// Says which image Python shows, and tells the viewer which pictures are likely to be wanted next once the browser has
// nothing else to do.

export default function ({ data }) {
  const { channel, current, pictures } = data;
  say("patchcore:settled", { viewer: channel, id: current });
  const tell = () => say("patchcore:ahead", { channel, pictures });
  if (window.requestIdleCallback) requestIdleCallback(tell, { timeout: 1000 });
  else setTimeout(tell, 200);
}

function say(name, detail) {
  window.dispatchEvent(new CustomEvent(name, { detail }));
}
