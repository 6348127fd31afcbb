// @ts-nocheck
// The viewer: one to four panes of one photo that zoom and pan together. Its arithmetic is in pixels/.

import { button, element } from "../lib/dom.js";
import { say, sayPainted } from "../lib/events.js";
import { withModifier } from "../lib/keys.js";
import { widget } from "../lib/life.js";
import { digits, typedNumber } from "../lib/numbers.js";
import { Replies } from "../lib/replies.js";
import { cellOf, UNSEEN, windowOf } from "./pixels/cells.js";
import { KeptField } from "./pixels/kept_field.js";
import { Mask } from "./pixels/mask.js";
import { boundaries, drawOutline } from "./pixels/outline.js";
import { CLEAR, heatTable, maskColour, packed, paintHeat, paintMask, predictedCells, spread } from "./pixels/paint.js";
import { readScores, ScoreField } from "./pixels/score_field.js";
import { shareBelow } from "./pixels/standing.js";
/** @import { Mount } from "../lib/life.js" */
/** @import { Data, Tells } from "./payload.js" */

const PATIENCE_MS = 5000; // how long Python may take to show what was chosen
const REST_MS = 350; // zoom, pan and slider are reported once they rest
const KEY_STEP = 0.12; // of the view, for each press of an arrow key
const CROSS_STEP = 8; // screen pixels that the cross moves for each press, or one photo pixel where that is more
const ZOOM_STEP = 1.25;
const CLOSEST = 32; // screen pixels to a photo pixel
const CLICK_SLOP = 4; // screen pixels a click may move
const MOST_PIXELS = 1_500_000; // of a layer canvas; a larger one is drawn coarser
const SLIDER_STEPS = 1000;
const WIDE_STRIP = 4; // times as wide as high: panes stand below one another, each as wide as there is room
const TALL_STRIP = 0.5; // three or four panes stand in a row, and are higher
const HELP = "Plus and minus zoom, 0 shows the whole photo, arrow keys move it, with Shift they move a cross over its " +
  "pixels, from the middle. Enter picks the pixel under the cross, Escape puts it away.";

/** @type {Mount<Data, Tells>} */
export const mount = widget("viewer", (root, emit, life) => {
  const viewer = new Viewer(root, emit, life);
  life.hear("thresholds", (moved) => viewer.follow(moved));
  life.hear("ahead", (likely) => viewer.lookAhead(likely));
  life.hear("show", (chosen) => viewer.show(chosen));
  life.watchSize(viewer.grid, () => viewer.resize());
  life.atEnd(() => viewer.close());
  return (data) => viewer.receive(data);
});

class Viewer {
  constructor(root, emit, life) {
    Object.assign(this, { root, emit, view: null, given: null, serial: 0, photo: null, drawn: 0 });
    this.reports = new Replies((one, other) => one === other, Infinity); // by their serial numbers
    this.resting = life.timer(); // of choices that are not reported yet
    this.patience = life.timer();
    this.paintSoon = life.eachFrame(() => this.paint());
    this.parts = new Map(); // address and shape -> promise of the content: of what is shown, wanted or likely next
    this.ahead = []; // pictures that are likely to come next
    this.chosen = new Replies(); // names of pictures
    this.later = false; // whether a picture was chosen which Python has not shown yet
    this.panes = [];
    this.pointers = new Map();
    this.cross = null; // the pixel that the keys have moved to
    this.controls = element("div", "controls");
    this.grid = element("div", "panes");
    this.readout = element("div", "readout");
    this.help = element("span", "help", HELP);
    this.help.id = "viewer-help";
    root.setAttribute("role", "group");
    root.replaceChildren(this.controls, this.grid, this.readout, this.help);
  }

  // ---- what Python says -------------------------------------------------------------------------------------------

  receive(data) {
    const first = !this.data;
    this.data = data;
    if (first) say("viewer", {});
    this.root.setAttribute("aria-label", data.label);
    this.root.style.colorScheme = isLight(getComputedStyle(this.root).color) ? "dark" : "light";
    const { name } = data.picture;
    this.later = !this.chosen.isCurrent(name) && this.wanted?.name !== name; // what was chosen stays on the screen
    const other = !this.later && this.picture?.id !== data.picture.id;
    const moved = this.adopt(data, other);
    if (!this.later) this.load(data.picture, moved || other);
  }

  // An image was chosen: where it is known what it looks like it is shown at once, for Python will show it too.
  show({ viewer, id }) {
    if (viewer !== this.data?.channel || !this.photo || !this.root.isConnected) return;
    this.later = true;
    this.chosen.tell(id);
    this.patience.set(PATIENCE_MS, () => this.giveUp());
    const picture = [this.data.picture, ...this.ahead].find(({ name }) => name === id);
    if (!picture || picture.layers.length !== this.picture.layers.length) return;
    this.view.box = null;
    this.load(picture, true);
  }

  // Python did not show what was chosen: back to what it does show.
  giveUp() {
    if (this.later) this.load(this.data.picture, true);
    this.later = false;
  }

  // Follow the fields that Python changed, unless it has not yet heard of what was chosen here since. Whether the box
  // to zoom to is one of them.
  adopt({ view, serial }, other) {
    const stale = !this.reports.isCurrent(serial) || this.resting.runs;
    const fresh = !this.view || view.thresholds.length !== this.view.thresholds.length;
    if (fresh) this.view = structuredClone(view);
    else if (other) this.view.box = view.box;
    if (stale && !fresh) return other;
    const changed = Object.keys(view).filter((name) => !same(view[name], this.given?.[name]));
    for (const name of changed) this.view[name] = structuredClone(view[name]);
    Object.assign(this, { given: view, serial });
    return fresh || (changed.includes("box") && !same(view.box, this.sentBox));
  }

  // A handle of the operating point that this viewer follows moves.
  follow({ source, high, by }) {
    if (source !== this.data?.follows || by === this || !this.photo || !this.root.isConnected) return;
    this.view.thresholds[0] = high;
    this.paintSoon();
  }

  // Fetch what is not here yet; the last picture stays until all of the new one is there.
  async load(picture, refit) {
    const wanted = (this.wanted = picture);
    this.root.setAttribute("aria-busy", "true");
    try {
      const [photo, truth, ...rest] = await Promise.all(this.read(picture));
      if (this.wanted !== wanted) return;
      if (!same(this.picture, picture)) this.scores = null;
      if (this.picture?.id !== picture.id) {
        this.left = this.picture; // the way back is likely
        this.pixel = this.cross = null;
      }
      const [fields, good, least] = [0, 1, 2].map((kind) => rest.filter((_, place) => place % 3 === kind));
      Object.assign(this, { picture, photo, truth, fields, good });
      this.shown = fields.map((field, at) => keptOf(field, least[at]));
      this.root.setAttribute("aria-busy", "false");
      this.forgetParts();
      this.build(refit);
    } catch (error) {
      if (this.wanted !== wanted) return;
      this.root.setAttribute("aria-busy", "false");
      this.readout.textContent = `The picture could not be loaded: ${error.message}`;
    }
  }

  // Promises of the photo, the truth, and of each map its scores, its table of good pixels, and what is kept of it.
  read(picture) {
    return partsOf(picture).map(({ name, address, read, shape }) => {
      if (!address) return null;
      if (!this.parts.has(name)) {
        const part = fetched(address).then((answer) => read(answer, ...shape));
        part.catch(() => this.parts.get(name) === part && this.parts.delete(name)); // it may be asked for again
        this.parts.set(name, part);
      }
      return this.parts.get(name);
    });
  }

  // What is neither shown nor wanted nor likely; photos take much memory, so they are closed.
  forgetParts() {
    const likely = [this.picture, this.wanted, this.left, ...this.ahead].filter(Boolean);
    const kept = new Set(likely.flatMap(partsOf).map(({ name }) => name));
    for (const [name, part] of this.parts) {
      if (kept.has(name)) continue;
      this.parts.delete(name);
      part.then((content) => content[0]?.close?.(), () => {});
    }
  }

  // Nothing of it is needed any more.
  close() {
    this.picture = this.wanted = this.left = null;
    this.ahead = [];
    this.forgetParts();
  }

  // These are likely to be wanted next: they are fetched once the browser has nothing else to do.
  lookAhead({ channel, pictures }) {
    if (channel !== this.data?.channel || !this.root.isConnected) return;
    Object.assign(this, { ahead: pictures, left: null });
    this.root.dataset.ahead = "";
    whenIdle(async () => {
      if (this.ahead !== pictures) return;
      this.forgetParts();
      try {
        await Promise.all(pictures.flatMap((picture) => this.read(picture)));
        if (this.ahead === pictures) this.root.dataset.ahead = pictures.map(({ name }) => name).join(" | ");
      } catch {
        // fetched again when one of them is wanted
      }
    });
  }

  // ---- what Python hears ------------------------------------------------------------------------------------------

  change(fields, wait = REST_MS) {
    Object.assign(this.view, fields);
    this.resting.set(wait, () => this.report());
  }

  report() {
    this.resting.stop();
    if (!this.root.isConnected) return;
    this.serial += 1;
    this.reports.tell(this.serial);
    this.sentBox = this.view.box;
    this.emit("view", { ...structuredClone(this.view), serial: this.serial });
  }

  // ---- panes and camera -------------------------------------------------------------------------------------------

  build(refit) {
    this.view.panes = this.view.panes.filter((kind) => kind in this.data.panes);
    while (this.panes.length > this.view.panes.length) this.panes.pop().figure.remove();
    while (this.panes.length < this.view.panes.length) this.addPane();
    this.panes.forEach((pane, place) => this.fillPane(pane, this.view.panes[place]));
    this.grid.dataset.count = this.panes.length;
    this.root.style.setProperty("--shape", `${this.picture.width} / ${this.picture.height}`);
    const wide = this.picture.width / this.picture.height;
    this.root.style.setProperty("--upright", wide);
    this.root.dataset.strip = wide >= WIDE_STRIP ? "wide" : wide <= TALL_STRIP ? "tall" : "";
    drawControls(this);
    this.measure();
    if (refit || !this.camera) this.fit(this.view.box);
    this.pointAt(this.pixel ?? null);
    this.paintSoon();
  }

  addPane() {
    const pane = newPane(this);
    this.panes.push(pane);
    this.grid.append(pane.figure);
  }

  fillPane(pane, kind) {
    const called = this.data.panes[kind];
    pane.kind = kind;
    pane.number = kind.endsWith("2") ? 1 : 0;
    setOptions(pane.choice, this.data.panes, kind);
    pane.stage.setAttribute("aria-label", `${called} of ${this.picture.name}`);
    pane.stage.dataset.pane = kind;
    const trimmed = kind.startsWith("prediction") && this.picture.layers[pane.number].least;
    pane.choice.title = trimmed ? this.data.trimmed : "";
    const grey = kind === "truth" || kind.startsWith("prediction");
    pane.photo.classList.toggle("grey", grey);
    pane.note.textContent = kind === "truth" && !this.truth ? "Not known for this image." : "";
  }

  // Sizes of stage and canvases; true where they changed.
  measure() {
    const stage = this.panes[0].stage;
    const [wide, high] = [stage.clientWidth, stage.clientHeight];
    const dense = window.devicePixelRatio || 1;
    const coarse = Math.min(dense, Math.sqrt(MOST_PIXELS / Math.max(1, wide * high)));
    const size = { wide, high, dense, coarse, count: this.panes.length };
    const changed = !same(size, this.size);
    this.size = size;
    for (const { photo, layer } of this.panes) {
      resizeCanvas(photo, wide * dense, high * dense);
      resizeCanvas(layer, wide * coarse, high * coarse);
    }
    return changed;
  }

  resize() {
    if (!this.photo || !this.panes.length) return;
    const whole = this.isWhole();
    const before = this.size.wide;
    if (!this.measure() || !this.size.wide) return;
    if (whole || !before) this.fit(this.view.box);
    else this.camera.zoom *= this.size.wide / before;
    this.hold();
    this.paintSoon();
  }

  wholeZoom() {
    return Math.min(this.size.wide / this.picture.width, this.size.high / this.picture.height);
  }

  isWhole() {
    return !this.camera || this.camera.zoom <= this.wholeZoom() * 1.0001;
  }

  // The camera on this box (top, left, bottom, right), or on the whole photo.
  fit(box) {
    const { width, height } = this.picture;
    const [top, left, bottom, right] = box ?? [0, 0, height, width];
    const zoom = Math.min(this.size.wide / (right - left), this.size.high / (bottom - top));
    this.camera = { row: (top + bottom) / 2, column: (left + right) / 2, zoom };
    this.hold();
  }

  // Keep the camera on the photo and within the closest and the widest view.
  hold() {
    const { camera, size, picture } = this;
    const least = this.wholeZoom();
    camera.zoom = Math.min(Math.max(camera.zoom, least), Math.max(CLOSEST, least));
    camera.row = kept(camera.row, size.high / camera.zoom, picture.height);
    camera.column = kept(camera.column, size.wide / camera.zoom, picture.width);
  }

  // What a canvas with `dense` pixels to a screen pixel shows: its corner and scale in photo pixels.
  frameOf(dense) {
    const { camera, size } = this;
    return {
      top: camera.row - size.high / 2 / camera.zoom, left: camera.column - size.wide / 2 / camera.zoom,
      scale: camera.zoom * dense, rows: Math.floor(size.high * dense), columns: Math.floor(size.wide * dense),
    };
  }

  zoomBy(factor, x = this.size.wide / 2, y = this.size.high / 2) {
    const before = this.place(x, y);
    this.camera.zoom *= factor;
    this.hold();
    const after = this.place(x, y);
    this.moveBy(before.row - after.row, before.column - after.column);
  }

  moveBy(rows, columns) {
    this.camera.row += rows;
    this.camera.column += columns;
    this.hold();
    this.change({ box: this.isWhole() ? null : this.shownBox() });
    this.paintSoon();
  }

  whole() {
    this.fit(null);
    this.change({ box: null });
    this.paintSoon();
  }

  shownBox() {
    const { top, left, scale, rows, columns } = this.frameOf(1);
    const { height, width } = this.picture;
    return [Math.max(0, top), Math.max(0, left), Math.min(height, top + rows / scale),
      Math.min(width, left + columns / scale)].map((value) => Math.round(value * 10) / 10);
  }

  // The place on the photo of a point of a stage, in screen pixels from its corner.
  place(x, y) {
    const { top, left, scale } = this.frameOf(1);
    return { row: top + y / scale, column: left + x / scale };
  }

  // The photo pixel there, or null beside the photo.
  pixelAt(x, y) {
    const { row, column } = this.place(x, y);
    const inside = row >= 0 && column >= 0 && row < this.picture.height && column < this.picture.width;
    return inside ? { row: Math.floor(row), column: Math.floor(column) } : null;
  }

  // ---- painting ---------------------------------------------------------------------------------------------------

  paint() {
    if (!this.size.wide || !this.size.high) return;
    const frame = this.frameOf(this.size.coarse);
    const seen = JSON.stringify([frame, this.size]);
    if (seen !== this.seen || !this.scores) {
      this.seen = seen;
      this.look(frame);
      for (const pane of this.panes) this.paintPhoto(pane);
    }
    this.judge();
    for (const pane of this.panes) this.paintLayer(pane, frame);
    this.markPeaks();
    showNumbers(this);
    if (!this.drawn) sayPainted();
    Object.assign(this.root.dataset, { drawn: ++this.drawn, picture: this.picture.id, whole: this.isWhole() });
  }

  // Scores, also those that are kept, and truth of the cells in view: only zoom, pan and another picture change them.
  look(frame) {
    const { height, width } = this.picture;
    const window = (this.window = windowOf(frame, height, width));
    const count = window.rows * window.columns;
    const cells = (field) => field.fill(new Float32Array(count), window.level, window);
    this.scores = this.fields.map(cells);
    this.kept = this.shown.map((field, at) => (field === this.fields[at] ? this.scores[at] : cells(field)));
    this.trueCells = this.truth && this.truth.fill(new Uint8Array(count), window.level, window);
    this.rows = cellOf(frame.rows, frame.top, frame.scale, height, window.level, window.top, window.rows);
    this.columns = cellOf(frame.columns, frame.left, frame.scale, width, window.level, window.left, window.columns);
    this.truthSides = null;
    Object.assign(this.root.dataset, { ...frame, level: window.level });
  }

  // What the thresholds predict of them.
  judge() {
    this.found = this.kept.map((scores, number) => {
      const found = new Uint8Array(scores.length);
      predictedCells(scores, this.view.thresholds[number] ?? NaN, found);
      return found;
    });
  }

  paintPhoto({ photo: canvas }) {
    const { top, left, scale } = this.frameOf(this.size.dense);
    const context = canvas.getContext("2d");
    const level = Math.min(Math.max(0, Math.floor(Math.log2(1 / scale) + 1e-9)), this.photo.length - 1);
    const picture = this.photo[level];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = scale < 2;
    context.drawImage(picture, -left * scale, -top * scale, this.picture.width * scale, this.picture.height * scale);
  }

  paintLayer(pane, frame) {
    const context = pane.layer.getContext("2d", { willReadFrequently: true });
    const { rows: high, columns: wide } = frame;
    const image = context.createImageData(wide, high);
    const out = new Uint32Array(image.data.buffer);
    const cells = this.paintCells(pane);
    if (cells) spread(cells, this.window, this.rows, this.columns, out);
    if (pane.kind === "photo" || pane.kind.startsWith("map")) this.drawOutlines(pane, frame, out);
    context.putImageData(image, 0, 0);
  }

  // The colours of the cells of a pane; nothing over the bare photo.
  paintCells({ kind, number }) {
    const { view, data } = this;
    const scores = this.scores[number];
    const cells = new Uint32Array(scores.length);
    if (kind.startsWith("map")) paintHeat(scores, limitsOf(this, number), heatTable(data.inferno, view.opacity), cells);
    else if (kind.startsWith("prediction")) {
      paintMask(this.found[number], this.trueCells, scores, this.judgedTable(), cells);
    } else if (kind === "truth" && this.trueCells) {
      paintMask(this.trueCells, null, null, [CLEAR, maskColour(data.colours.truth)], cells);
    } else return null;
    return cells;
  }

  judgedTable() {
    const { colours } = this.data;
    const paint = (name) => maskColour(colours[name]);
    const judged = this.trueCells && this.view.judged;
    return judged ? [CLEAR, paint("false alarm"), paint("miss"), paint("hit")]
      : [CLEAR, paint("prediction"), CLEAR, paint("prediction")];
  }

  drawOutlines({ number }, frame, out) {
    const { view, data, window } = this;
    const reach = Math.max(1, Math.round(this.size.coarse));
    const draw = (sides, name) =>
      drawOutline(sides, packed(data.colours[name], 1), reach, out, frame.columns, frame.rows);
    if (view.prediction_outline) draw(boundaries(this.found[number], window, frame), "prediction");
    if (!view.truth_outline || !this.trueCells) return;
    this.truthSides ??= boundaries(this.trueCells, window, frame);
    draw(this.truthSides, "truth");
  }

  markPeaks() {
    for (const { peak, number } of this.panes) {
      const place = this.view.peak && this.picture.layers[number].peak;
      peak.hidden = !place;
      if (place) this.put(peak, place[0] + 0.5, place[1] + 0.5);
    }
  }

  // Move a mark to a place on the photo, in photo pixels.
  put(mark, row, column) {
    const { top, left, scale } = this.frameOf(1);
    mark.style.transform = `translate(${(column - left) * scale}px, ${(row - top) * scale}px)`;
  }

  // ---- the pixel under the cursor ---------------------------------------------------------------------------------

  pointAt(pixel, spoken) {
    this.pixel = pixel;
    for (const { cursor } of this.panes) {
      cursor.hidden = !pixel;
      if (pixel) this.put(cursor, pixel.row + 0.5, pixel.column + 0.5);
    }
    this.readout.setAttribute("aria-live", spoken ? "polite" : "off");
    showPixel(this);
  }

  pick(pixel) {
    if (pixel) this.emit("pixel", pixel);
  }

  // The pixel of the keys: that in the middle until the cross was moved.
  underCross() {
    return this.cross ?? this.pixelAt(this.size.wide / 2, this.size.high / 2);
  }

  // Move the cross, and the photo no further than it takes to see it.
  moveCross(down, across) {
    const { height, width } = this.picture;
    const step = Math.max(1, Math.round(CROSS_STEP / this.camera.zoom));
    const from = this.underCross();
    this.cross = { row: within(from.row + down * step, height), column: within(from.column + across * step, width) };
    const { top, left, scale, rows, columns } = this.frameOf(1);
    const move = [beyond(this.cross.row, top, rows / scale), beyond(this.cross.column, left, columns / scale)];
    if (move[0] || move[1]) this.moveBy(...move);
  }

  zoomAtCross(factor) {
    const { top, left, scale } = this.frameOf(1);
    if (!this.cross) this.zoomBy(factor);
    else this.zoomBy(factor, (this.cross.column + 0.5 - left) * scale, (this.cross.row + 0.5 - top) * scale);
  }
}

// ---- hands: mouse, fingers, keys ----------------------------------------------------------------------------------

function listen(viewer, stage) {
  stage.addEventListener("wheel", (event) => onWheel(viewer, stage, event), { passive: false });
  stage.addEventListener("pointerdown", (event) => onDown(viewer, stage, event));
  stage.addEventListener("pointermove", (event) => onMove(viewer, stage, event));
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, (event) => onUp(viewer, stage, event, name === "pointerup"));
  }
  stage.addEventListener("pointerleave", () => viewer.pointAt(null));
  stage.addEventListener("keydown", (event) => onKey(viewer, event));
  stage.addEventListener("blur", () => putAway(viewer));
}

function putAway(viewer) {
  viewer.cross = null;
  viewer.pointAt(null);
}

function spot(stage, event) {
  const { left, top } = stage.getBoundingClientRect();
  return [event.clientX - left - stage.clientLeft, event.clientY - top - stage.clientTop];
}

// The page scrolls where there is nothing left to zoom out of.
function onWheel(viewer, stage, event) {
  if (event.deltaY > 0 && viewer.isWhole() && !event.ctrlKey) return;
  event.preventDefault();
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
  viewer.zoomBy(2 ** ((-event.deltaY * lines) / (event.ctrlKey ? 100 : 300)), ...spot(stage, event));
  viewer.pointAt(viewer.pixelAt(...spot(stage, event)));
}

function onDown(viewer, stage, event) {
  if (event.button !== 0) return;
  viewer.cross = null;
  stage.setPointerCapture(event.pointerId);
  stage.focus({ preventScroll: true, focusVisible: false });
  viewer.pointers.set(event.pointerId, { at: spot(stage, event), from: spot(stage, event) });
  if (viewer.pointers.size > 1) viewer.pinched = true;
}

function onMove(viewer, stage, event) {
  const at = spot(stage, event);
  viewer.cross = null;
  const pointer = viewer.pointers.get(event.pointerId);
  if (!pointer) return viewer.pointAt(viewer.pixelAt(...at));
  const others = [...viewer.pointers.values()].filter((other) => other !== pointer);
  if (others.length) pinch(viewer, others[0].at, pointer.at, at);
  else if (pointer.dragged || distance(pointer.from, at) > CLICK_SLOP) {
    pointer.dragged = true;
    drag(viewer, pointer.at, at);
  } else return undefined;
  pointer.at = at;
  return undefined;
}

function drag(viewer, before, now) {
  viewer.moveBy((before[1] - now[1]) / viewer.camera.zoom, (before[0] - now[0]) / viewer.camera.zoom);
  viewer.pointAt(viewer.pixelAt(...now));
}

// One finger rests at `still` while another moves: the photo stays under both.
function pinch(viewer, still, before, now) {
  viewer.zoomBy(distance(still, now) / Math.max(1, distance(still, before)), ...middle(still, before));
  drag(viewer, middle(still, before), middle(still, now));
}

function onUp(viewer, stage, event, released) {
  const pointer = viewer.pointers.get(event.pointerId);
  viewer.pointers.delete(event.pointerId);
  if (pointer && released && !pointer.dragged && !viewer.pinched) viewer.pick(viewer.pixelAt(...spot(stage, event)));
  if (!viewer.pointers.size) viewer.pinched = false;
}

const distance = ([x, y], [u, v]) => Math.hypot(x - u, y - v);
const middle = ([x, y], [u, v]) => [(x + u) / 2, (y + v) / 2];

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function onKey(viewer, event) {
  if (withModifier(event)) return;
  const { wide, high } = viewer.size;
  if (event.key in ARROWS && event.shiftKey) viewer.moveCross(...ARROWS[event.key]);
  else if (event.key in ARROWS && !viewer.isWhole()) {
    const [down, across] = ARROWS[event.key].map((way) => (way * KEY_STEP) / viewer.camera.zoom);
    viewer.cross = null;
    viewer.moveBy(down * high, across * wide);
  } else if (event.key === "+" || event.key === "=") viewer.zoomAtCross(ZOOM_STEP);
  else if (event.key === "-" || event.key === "_") viewer.zoomAtCross(1 / ZOOM_STEP);
  else if (event.key === "0") viewer.whole();
  else if (event.key === "Enter") viewer.pick(viewer.underCross());
  else if (event.key !== "Escape" || !viewer.cross) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Escape") putAway(viewer);
  else viewer.pointAt(viewer.underCross(), true);
}

// ---- elements -----------------------------------------------------------------------------------------------------

function newPane(viewer) {
  const [figure, stage] = [element("figure", "pane"), element("div", "stage")];
  const pane = { figure, stage, choice: element("select", "choice"), note: element("span", "note") };
  for (const name of ["photo", "layer"]) pane[name] = element("canvas", name);
  for (const name of ["peak", "cursor"]) {
    pane[name] = element("span", name);
    pane[name].hidden = true;
  }
  pane.peak.title = "Maximum of the anomaly map";
  pane.choice.setAttribute("aria-label", `What pane ${viewer.panes.length + 1} shows`);
  pane.choice.onchange = () => {
    viewer.view.panes[viewer.panes.indexOf(pane)] = pane.choice.value;
    viewer.change({}, 0);
    viewer.build(false);
  };
  pane.choice.onkeydown = (event) => event.stopPropagation(); // letters choose here, and are no shortcuts of the page
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-describedby", viewer.help.id);
  stage.append(pane.photo, pane.layer, pane.peak, pane.cursor, pane.note);
  listen(viewer, stage);
  figure.append(pane.choice, stage);
  return pane;
}

// The controls over the panes, made anew where the layers in view are others, else only filled.
function drawControls(viewer) {
  const { view, data, truth } = viewer;
  const shown = [...new Set(viewer.panes.map(({ number }) => number))].sort();
  const made = JSON.stringify([shown, data.picture.layers.map(({ name }) => name), Boolean(truth)]);
  if (made !== viewer.made) {
    viewer.made = made;
    viewer.inputs = { layers: [] };
    viewer.controls.replaceChildren(countControl(viewer), zoomControl(viewer), ...marks(viewer),
      ...shown.map((number, place) => layerControls(viewer, number, shown.length > 1, place === 0)));
  }
  viewer.inputs.count.forEach((button, at) => button.setAttribute("aria-pressed", at + 1 === view.panes.length));
  for (const [name, box] of Object.entries(viewer.inputs.marks)) box.checked = view[name];
  showNumbers(viewer);
}

function countControl(viewer) {
  const bar = group("Panes", "buttons");
  viewer.inputs.count = [1, 2, 3, 4].map((count) => toolButton(String(count), countWords(count), () => {
    const kinds = Object.keys(viewer.data.panes);
    const more = kinds.filter((kind) => !viewer.view.panes.includes(kind));
    viewer.view.panes = [...viewer.view.panes, ...more].slice(0, count);
    viewer.change({}, 0);
    viewer.build(false);
  }));
  bar.append(element("span", "name", "Panes"), ...viewer.inputs.count);
  return bar;
}

const countWords = (count) => (count === 1 ? "One pane" : `${count} panes`);

function zoomControl(viewer) {
  const bar = group("Zoom", "buttons");
  viewer.inputs.zoom = element("output", "number");
  bar.append(toolButton("−", "Zoom out (-)", () => viewer.zoomBy(1 / ZOOM_STEP)), viewer.inputs.zoom,
    toolButton("+", "Zoom in (+)", () => viewer.zoomBy(ZOOM_STEP)), toolButton("Fit", "Show the whole photo (0)",
      () => viewer.whole()));
  return bar;
}

// Switches that are the key to the colours too.
function marks(viewer) {
  const { colours } = viewer.data;
  viewer.inputs.marks = {};
  const judged = [["true positive", colours.hit], ["missed", colours.miss], ["false alarm", colours["false alarm"]]];
  const all = [["prediction_outline", [["prediction outline", colours.prediction, true]]],
    ["peak", [["maximum", "currentcolor", true]]]];
  if (viewer.truth) {
    all.unshift(["truth_outline", [["ground-truth outline", colours.truth, true]]]);
    all.splice(2, 0, ["judged", judged]);
  }
  return all.map(([name, swatches]) => mark(viewer, name, swatches));
}

function mark(viewer, name, swatches) {
  const [label, box] = [element("label", "mark"), element("input", "")];
  box.type = "checkbox";
  box.onchange = () => {
    viewer.change({ [name]: box.checked }, 0);
    viewer.paintSoon();
  };
  viewer.inputs.marks[name] = box;
  label.append(box);
  for (const [text, colour, hollow] of swatches) {
    const swatch = element("span", hollow ? "swatch hollow" : "swatch");
    swatch.style.setProperty("--mark", colour);
    label.append(swatch, element("span", "", text));
  }
  return label;
}

function layerControls(viewer, number, named, first) {
  const { name } = viewer.data.picture.layers[number];
  const row = group(named ? `Map and threshold of ${name}` : "Map and threshold", "layer-row");
  const inputs = (viewer.inputs.layers[number] = {});
  if (named) row.append(element("bdi", "run", name));
  row.append(thresholdControl(viewer, number, inputs), ...(first ? [opacityControl(viewer)] : []),
    scaleControl(viewer, number, inputs));
  return row;
}

function thresholdControl(viewer, number, inputs) {
  const set = (value) => {
    viewer.view.thresholds[number] = value;
    if (number === 0 && viewer.data.follows) tell(viewer, value);
    viewer.change({});
    viewer.paintSoon();
    showNumbers(viewer);
  };
  inputs.slider = slider("Pixel threshold", SLIDER_STEPS, () => {
    const [low, high] = viewer.data.picture.layers[number].span;
    set(low + (high - low) * (inputs.slider.value / SLIDER_STEPS));
  }, () => viewer.report());
  inputs.threshold = numberInput("Pixel threshold", (value) => {
    set(value);
    viewer.report();
  });
  return field("Pixel threshold", inputs.slider, inputs.threshold);
}

// To those who follow the same operating point.
function tell(viewer, value) {
  say("thresholds", { source: viewer.data.follows, low: value, high: value, by: viewer });
}

function opacityControl(viewer) {
  const input = (viewer.inputs.opacity = slider("Opacity of the map", 100, () => {
    viewer.change({ opacity: input.value / 100 });
    viewer.paintSoon();
    showNumbers(viewer);
  }, () => viewer.report()));
  viewer.inputs.opacityText = element("output", "number");
  return field("Opacity", input, viewer.inputs.opacityText);
}

// The colour bar between its limits, with the threshold on it.
function scaleControl(viewer, number, inputs) {
  const set = (end) => (value) => {
    const limits = [...limitsOf(viewer, number)];
    limits[end] = value;
    if (limits[0] < limits[1]) setLimits(viewer, number, limits);
    else showNumbers(viewer);
  };
  inputs.low = numberInput("Low end of the colour scale", set(0));
  inputs.high = numberInput("High end of the colour scale", set(1));
  inputs.bar = element("span", "bar");
  inputs.tick = element("span", "tick");
  inputs.bar.append(inputs.tick);
  const steps = Array.from({ length: 18 }, (_, step) => `#${viewer.data.inferno.slice(90 * step, 90 * step + 6)}`);
  inputs.bar.style.background = `linear-gradient(to right, ${steps.join(", ")})`;
  inputs.reset = toolButton("Reset", "The colour scale of the run", () => setLimits(viewer, number, null));
  return field("Colour scale", inputs.low, inputs.bar, inputs.high, inputs.reset);
}

function setLimits(viewer, number, limits) {
  viewer.view.limits[number] = limits;
  viewer.change({}, 0);
  viewer.paintSoon();
}

const limitsOf = ({ view, picture }, number) => view.limits[number] ?? picture.layers[number].limits;

// Every number in the controls as it stands; a field that is being typed into is left alone.
function showNumbers(viewer) {
  const { inputs, view, picture, camera } = viewer;
  inputs.opacity.value = Math.round(view.opacity * 100);
  inputs.opacityText.value = `${Math.round(view.opacity * 100)} %`;
  if (camera) inputs.zoom.value = `${Math.round(camera.zoom * viewer.size.dense * 100)} %`;
  inputs.layers.forEach((layer, number) => {
    const threshold = view.thresholds[number];
    const [low, high] = limitsOf(viewer, number);
    const [start, end] = picture.layers[number].span;
    layer.slider.value = threshold === null ? SLIDER_STEPS : ((threshold - start) / (end - start)) * SLIDER_STEPS;
    layer.slider.setAttribute("aria-valuetext", threshold === null ? "none" : digits(threshold));
    const texts = [[layer.threshold, threshold === null ? "" : digits(threshold)], [layer.low, digits(low)],
      [layer.high, digits(high)]];
    for (const [input, text] of texts) if (!input.matches(":focus")) input.value = text;
    layer.tick.hidden = threshold === null || threshold < low || threshold > high;
    layer.tick.style.left = `${(100 * (threshold - low)) / (high - low)}%`;
    layer.reset.disabled = view.limits[number] === null;
  });
}

function showPixel(viewer) {
  const { pixel, picture, readout, truth } = viewer;
  const shown = [...new Set(viewer.panes.map(({ number }) => number))].sort();
  Object.assign(readout.dataset, { row: pixel?.row ?? "", column: pixel?.column ?? "" });
  if (!pixel) {
    readout.replaceChildren(element("span", "quiet", "Point at a pixel for its score; click it to choose it."));
    return;
  }
  const parts = [element("span", "", `row ${pixel.row}, column ${pixel.column}`)];
  for (const number of shown) parts.push(scoreText(viewer, picture.layers[number], number, shown.length > 1));
  const known = truth && (truth.at(pixel.row, pixel.column) ? "defect" : "good");
  if (known) parts.push(element("span", "", `${known} in the ground truth`));
  readout.replaceChildren(...parts);
}

function scoreText({ fields, good, pixel }, layer, number, named) {
  const score = fields[number].at(pixel.row, pixel.column);
  const made = element("span", "");
  if (named) made.append(element("bdi", "run", layer.name), ": ");
  if (score === UNSEEN) {
    made.append("outside the crop: the network never saw it");
    return made;
  }
  const value = element("strong", "score", digits(score));
  Object.assign(value.dataset, { score, layer: number });
  made.append("score ", value);
  const share = shareBelow(score, good[number]);
  if (!Number.isNaN(share)) made.append(`, above ${share < 1 ? `${percent(share)} of` : "all"} good pixels`);
  return made;
}

function group(label, name) {
  const made = element("div", name);
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", label);
  return made;
}

function field(name, ...inputs) {
  const made = element("div", "field");
  made.append(element("span", "name", name), ...inputs);
  return made;
}

function slider(label, steps, onInput, onRelease) {
  const made = Object.assign(element("input", ""), { type: "range", min: 0, max: steps, step: 1 });
  made.setAttribute("aria-label", label);
  Object.assign(made, { oninput: onInput, onchange: onRelease });
  return made;
}

// A number as text, taken over by Enter or on leaving; what is none goes back to what stood there.
function numberInput(label, onNumber) {
  const made = Object.assign(element("input", "number"), { type: "text", inputMode: "decimal", autocomplete: "off" });
  made.setAttribute("aria-label", label);
  let before = "";
  made.onfocus = () => (before = made.value);
  made.onchange = () => {
    const value = typedNumber(made.value);
    if (Number.isNaN(value)) made.value = before;
    else onNumber(value);
  };
  made.onkeydown = (event) => event.stopPropagation();
  return made;
}

const toolButton = (text, label, press) => button(text, press, { title: label, label });

function setOptions(select, kinds, chosen) {
  const options = Object.entries(kinds).map(([kind, called]) => new Option(called, kind, false, kind === chosen));
  select.replaceChildren(...options);
}

// ---- small things -------------------------------------------------------------------------------------------------

function whenIdle(act) {
  if (window.requestIdleCallback) requestIdleCallback(act, { timeout: 1000 });
  else setTimeout(act, 200);
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer;
}

// What a picture is made of; the same bytes may belong to photos of different shapes, so the shape is in the name.
function partsOf({ photo, truth, layers, height, width }) {
  const part = (address, read, ...shape) => ({ name: JSON.stringify([address, ...shape]), address, read, shape });
  return [part(photo, readPhoto), part(truth, readMask, height, width), ...layers.flatMap(
    ({ values, half, shape, placing, good, least }) => [part(values, readField, half, shape, placing, height, width),
      part(good, readStanding), part(least, readLeast, shape, placing, height, width)])];
}

// The photo and its halves, each the mean of 2 x 2 pixels of the one before.
async function readPhoto(answer) {
  const levels = [await createImageBitmap(await answer.blob())];
  while (Math.max(levels.at(-1).width, levels.at(-1).height) > 512) {
    const last = levels.at(-1);
    const half = Object.assign(document.createElement("canvas"), {
      width: Math.max(1, Math.round(last.width / 2)), height: Math.max(1, Math.round(last.height / 2)),
    });
    half.getContext("2d").drawImage(last, 0, 0, half.width, half.height);
    levels.push(half);
  }
  return levels;
}

async function readMask(answer, height, width) {
  return new Mask(await unpacked(answer), height, width);
}

async function readLeast(answer, shape, placing, height, width) {
  return new ScoreField(readScores(await unpacked(answer), false), shape, placing, height, width);
}

const unpacked = (answer) => new Response(answer.body.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();

// The field that is predicted from, one to each pair of a map and what is kept of it: its cells are made once.
const keptFields = new WeakMap();

function keptOf(field, least) {
  if (!least) return field;
  if (keptFields.get(field)?.least !== least) keptFields.set(field, new KeptField(field, least));
  return keptFields.get(field);
}

// Scores of good pixels, ascending, and the shares of good pixels below them.
async function readStanding(answer) {
  const values = new Float64Array(await answer.arrayBuffer());
  return { scores: values.subarray(0, values.length / 2), shares: values.subarray(values.length / 2) };
}

async function readField(answer, half, shape, placing, height, width) {
  return new ScoreField(readScores(await answer.arrayBuffer(), half), shape, placing, height, width);
}

function resizeCanvas(canvas, wide, high) {
  const size = { width: Math.floor(wide), height: Math.floor(high) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
}

// The middle of a view of `shown` pixels so that it stays on `length` pixels, or on their middle where it shows all.
function kept(middleOf, shown, length) {
  return shown >= length ? length / 2 : Math.min(Math.max(middleOf, shown / 2), length - shown / 2);
}

const within = (place, length) => Math.min(Math.max(place, 0), length - 1);

// How far a pixel lies outside the view that begins at `start`; 0 within it.
const beyond = (place, start, length) => Math.min(0, place - start) + Math.max(0, place + 1 - start - length);

// Whether a CSS colour, as computed, is a light one.
function isLight(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 127;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// A share with as many digits as its distance from 100 % needs.
function percent(share) {
  const places = share > 0.999 ? 3 : share > 0.99 ? 2 : share > 0.9 ? 1 : 0;
  return `${(Math.floor(share * 100 * 10 ** places) / 10 ** places).toFixed(places)} %`;
}
