// Tells Python once that the viewer has painted its first picture, or that waiting for it takes too long.

const LONGEST_MS = 1500;

export default function ({ parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".painted");
  if (root.told) return;
  const tell = () => {
    stop();
    root.told = true;
    setTriggerValue("painted", true);
  };
  const timer = setTimeout(tell, performance.getEntriesByName("patchcore:painted").length ? 0 : LONGEST_MS);
  const stop = () => {
    clearTimeout(timer);
    window.removeEventListener("patchcore:painted", tell);
  };
  window.addEventListener("patchcore:painted", tell);
  return stop; // called again later, it waits anew unless it has told
}
