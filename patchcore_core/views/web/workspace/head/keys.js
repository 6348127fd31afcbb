// All keys of the workspace, as the list of keys shows them.

/** @import { Keys } from "../../first_line/key_list.js" */

const ARROWS = ["←", "→", "↑", "↓"];

/** @type {Keys} */
export const KEYS = [
  { where: "Anywhere", how: "outside a field that takes text", rows: [
    { caps: ["N"], what: "Next image of the list" },
    { caps: ["P"], what: "Previous image of the list" },
    { caps: ["1"], what: "Verdict: label correct" },
    { caps: ["2"], what: "Verdict: label wrong" },
    { caps: ["3"], what: "Verdict: mask wrong" },
    { caps: ["4"], what: "Verdict: unclear" },
    { caps: ["U"], what: "Undo the last verdict" },
    { caps: ["C"], what: "Note on the image" },
    { caps: ["/"], what: "Search paths" },
    { caps: ["F"], what: "Four panes, two, one" },
    { caps: ["H"], what: "Histogram of the operating point" },
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
    { caps: ["+", "-"], what: "Zoom in or out" },
    { caps: ["0"], what: "Show the whole photo" },
    { caps: ARROWS, what: "Move the zoomed photo" },
    { caps: ["Shift", "+", ...ARROWS], what: "Move the cross to another pixel and read its score" },
    { caps: ["Enter"], what: "Choose the pixel under the cross" },
    { caps: ["Esc"], what: "Put the cross away" },
  ] },
];
