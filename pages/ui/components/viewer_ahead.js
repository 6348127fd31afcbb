// Says which image Python shows, now that all of it is on the page, and which pictures are likely to be wanted next;
// and says so again to a viewer that came later.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".ahead");
  root.tell = () => {
    const { channel, current, pictures } = data;
    say("patchcore:ahead", { channel, pictures });
    say("patchcore:settled", { viewer: channel, id: current });
  };
  if (!root.heard) window.addEventListener("patchcore:viewer", (root.heard = () => root.tell()));
  root.tell();
  return () => window.removeEventListener("patchcore:viewer", root.heard);
}

function say(name, detail) {
  window.dispatchEvent(new CustomEvent(name, { detail }));
}
