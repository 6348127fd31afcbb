// The gallery's courier, without a face of its own. It runs inside a fragment: the gallery says on the window which
// pictures it lacks (`patchcore:pictures-wanted`), this asks Python for them, and what comes back goes out as
// `patchcore:pictures` `{album, channel, pictures: [id, file, note]}`. data: length of a JSON head (uint32,
// little-endian), the head, the picture files.

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".pictures");
  const { album, channel, pictures } = unpack(data);
  const state = (root.state ??= {});
  Object.assign(state, { channel, ask: (ids) => setStateValue("wanted", ids) });
  if (!state.listener) {
    state.listener = ({ detail }) => detail.channel === state.channel && state.ask(detail.ids);
    window.addEventListener("patchcore:pictures-wanted", state.listener);
  }
  // An empty answer tells the gallery that somebody listens now.
  window.dispatchEvent(new CustomEvent("patchcore:pictures", { detail: { album, channel, pictures } }));
  return () => window.removeEventListener("patchcore:pictures-wanted", state.listener);
}

function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let place = 4 + length;
  const pictures = head.files.map(([id, size, note]) => [id, bytes.slice(place, (place += size)), note]);
  return { ...head, pictures };
}
