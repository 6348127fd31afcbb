"""What a page notes of itself while it is used: when something was painted, what moved, and what went wrong.

The script is added before all others of the page. It gives `seen`:

find(selector), all(selector)  elements, in shadow trees too
painted(test)   promise of the time (ms since the page was opened) after the first frame at whose end `test()` is true;
                it fails after `patience` ms
acted           time of the last input, as the browser stamped it
acked()         whether Python has acknowledged everything that the workspace has told it
shifts          layout shift of the page so far, also what follows an input
"""

from __future__ import annotations

SCRIPT = """(() => {
  const roots = [document];
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    roots.push(root);
    return root;
  };
  const all = (selector) => roots.flatMap((root) => root === document || root.host.isConnected
    ? [...root.querySelectorAll(selector)] : []);
  const afterFrame = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();  // its message comes once the frame is painted
    port2.onmessage = () => done(performance.now());
    port1.postMessage(0);
  }));
  const seen = (window.seen = {
    all, find: (selector) => all(selector)[0] ?? null, acted: 0, shifts: 0, told: 0, heard: 0, sources: [],
    acked: () => seen.heard >= seen.told,
    patience: 60000,
    async painted(test) {
      for (const begun = performance.now();;) {
        const now = await afterFrame();
        if (test()) return now;
        if (now - begun > seen.patience) throw new Error(`timeout after ${seen.patience} ms: ${test}`);
      }
    },
  });
  for (const kind of ["keydown", "pointermove", "pointerup", "click", "input", "change"])
    window.addEventListener(kind, (event) => { if (event.isTrusted) seen.acted = event.timeStamp; }, true);
  window.addEventListener("patchcore:outbox", ({ detail: { outbox } }) => {
    seen.told = Math.max(seen.told, ...outbox.entries.map(({ seq }) => seq));
  });
  window.addEventListener("patchcore:told", ({ detail }) => { if (detail.id) seen.heard = detail.acked; });
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      seen.shifts += value;
      seen.sources.push([value, ...sources.map(({ node }) => node?.className || node?.nodeName)]);
    }
  }).observe({ type: "layout-shift", buffered: true });
})()"""

# All that a visitor sees: cards with their pictures, the viewer with the image that is chosen, filters, verdicts.
PICTURES = """() => {
  const cards = seen.all("[role=option]"), viewer = seen.find(".viewer[data-drawn]"), room = seen.find(".workspace");
  return cards.length > 0 && cards.every((card) => card.querySelector("img")?.complete) &&
    room?.dataset.image && viewer?.dataset.picture?.endsWith(` ${room.dataset.image}`) &&
    viewer.querySelector("canvas").width > 0;
}"""
COMPLETE = f"""() => ({PICTURES})() && seen.all(".filter-bar button").length > 1 &&
  seen.all(".verdict-panel button.verdict:enabled").length === 4"""
AT_REST = f"""() => {{
  const viewer = seen.find(".viewer[aria-busy=false]");  // which has fetched what may come next
  return ({COMPLETE})() && seen.acked() && viewer && (viewer.dataset.ahead || seen.all("[role=option]").length < 2);
}}"""
