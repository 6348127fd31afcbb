// Tells Python once that the viewer has painted its first picture, or that waiting for it takes too long.

const LONGEST_MS = 1500;

export default function ({ parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".painted");
  const tell = () => {
    stop(root);
    setTriggerValue("painted", true);
  };
  if (!root.timer) {
    window.addEventListener("patchcore:painted", (root.heard = tell));
    root.timer = setTimeout(tell, performance.getEntriesByName("patchcore:painted").length ? 0 : LONGEST_MS);
  }
  return () => stop(root);
}

function stop(root) {
  clearTimeout(root.timer);
  window.removeEventListener("patchcore:painted", root.heard);
}
