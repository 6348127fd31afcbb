// All keys of the workspace, as the list of keys shows them.

/** @import { Keys } from "../../first_line/key_list.js" */

const ARROWS = ["←", "→", "↑", "↓"];

/** @type {Keys} */
export const KEYS = [
  { where: "Anywhere", how: "outside a field that takes text", rows: [
    { caps: ["N", "P"], what: "Next or previous image of the list" },
    { caps: ["1", "2", "3", "4"], what: "Verdict: label correct, label wrong, mask wrong, unclear" },
    { caps: ["U"], what: "Undo the last verdict" },
    { caps: ["C"], what: "Note on the image" },
    { caps: [".", ","], what: "List the next or previous outcome: all, missed, false alarm, …" },
    { caps: ["L"], what: "Test images, training images" },
    { caps: ["/"], what: "Search paths" },
    { caps: ["X"], what: "Clear all filters" },
    { caps: ["F"], what: "Four panes, two, one" },
    { caps: ["O", "I"], what: "Outline of the ground truth, of the prediction" },
    { caps: ["J", "M"], what: "Found and missed pixels in colour, maximum" },
    { caps: ["+", "-", "0"], what: "Zoom in or out, show the whole photo" },
    { caps: ["H"], what: "Histogram of the operating point" },
    { caps: ["G", "T", "K"], what: "Curves, recall per type and size, costs" },
    { caps: ["A", "D"], what: "All figures, data checks" },
    { caps: ["R", "E", "W"], what: "Regions of the image, causes of its error, evidence for its score" },
    { caps: ["S"], what: "In the evidence: next hottest patch; with Shift the one before" },
    { caps: ["B"], what: "Teach good photos to the memory bank" },
    { caps: ["?"], what: "This list" },
  ] },
  { where: "Gallery", how: "with the focus on the thumbnails", rows: [
    { caps: ARROWS, what: "Choose the neighbouring image" },
    { caps: ["Page Up", "Page Down"], what: "A page back or on" },
    { caps: ["Home", "End"], what: "First or last image" },
  ] },
  { where: "Operating point", how: "with the focus on a handle", rows: [
    { caps: ARROWS, what: "Move the handle by a pixel" },
    { caps: ["Shift", "+", ...ARROWS], what: "Move both handles" },
    { caps: ["Page Up", "Page Down"], what: "To the next named threshold above or below" },
    { caps: ["Home", "End"], what: "To the lowest or highest score" },
    { caps: ["Esc"], what: "While dragging: back to where it was" },
  ] },
  { where: "Picture", how: "with the focus on a picture", rows: [
    { caps: ARROWS, what: "Move the zoomed photo" },
    { caps: ["Shift", "+", ...ARROWS], what: "Move the cross to another pixel and read its score" },
    { caps: ["Enter"], what: "Choose the pixel under the cross" },
    { caps: ["Esc"], what: "Put the cross away" },
  ] },
  { where: "Curves", how: "with the focus on a curve", rows: [
    { caps: ARROWS, what: "Walk along the curve" },
    { caps: ["Page Up", "Page Down"], what: "Walk faster" },
    { caps: ["Home", "End"], what: "First or last point" },
    { caps: ["Enter"], what: "Set the operating point there" },
  ] },
  { where: "Panels", how: "with the focus within one", rows: [{ caps: ["Esc"], what: "Close it" }] },
];
