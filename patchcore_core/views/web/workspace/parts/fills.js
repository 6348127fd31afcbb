// How a widget that is made for a page fills its place in the workspace.

/** @type {Record<string, string>} CSS by widget, after its own */
export const FILLS = {
  strip: ".threshold-strip > .row:first-child { padding-right: var(--aside); }",
  gallery: ".gallery.gallery { height: 100%; box-sizing: border-box; }",
  viewer: [
    ":host { container-type: normal; }",
    ".viewer { display: flex; flex-direction: column; height: 100%; }",
    ".viewer .readout { flex: none; height: 1.3rem; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }",
    ".viewer .panes.panes { flex: 1 1 0; min-height: 0; grid-template-columns: repeat(var(--columns, 2), minmax(0, 1fr));",
    "  grid-auto-flow: row; grid-auto-columns: auto; grid-auto-rows: minmax(0, 1fr); }",
    ".viewer .pane { min-height: 0; }",
    ".viewer .panes .stage.stage { flex: 1 1 0; min-height: 0; max-height: none; aspect-ratio: auto; }",
  ].join("\n"),
};
