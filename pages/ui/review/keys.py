"""Review by keyboard: all keys of the page in one list, and the button that shows it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.components.key_button import key_button
from pages.ui.components.mount import in_fragment

ANYWHERE, GALLERY, POINT, VIEWER, CURVES = "Anywhere", "Gallery", "Operating point", "Picture", "Curves"
PLACES = {  # where -> how to get there
    ANYWHERE: "outside a field that takes text",
    GALLERY: "with the focus on the thumbnails",
    POINT: "with the focus on a handle",
    VIEWER: "with the focus on a picture",
    CURVES: "with the focus on a curve",
}
TIED = "\u00a0"  # keys that belong together stay in one line
NAMES = {"ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓", "PageUp": f"Page{TIED}Up",
         "PageDown": f"Page{TIED}Down", "Escape": "Esc"}  # fmt: skip
SHIFT = "Shift+"
ARROWS = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")


@dataclass(frozen=True)
class Key:
    """Keys by the browser's names, with `Shift+` where it is held, what they do, and where, one of `PLACES`."""

    keys: tuple[str, ...]
    what: str
    where: str


KEYS = (
    Key(("n",), "Next image of the list", ANYWHERE),
    Key(("p",), "Previous image of the list", ANYWHERE),
    Key(("1",), "Verdict: label correct", ANYWHERE),
    Key(("2",), "Verdict: label wrong", ANYWHERE),
    Key(("3",), "Verdict: mask wrong", ANYWHERE),
    Key(("4",), "Verdict: unclear", ANYWHERE),
    Key(("u",), "Undo the last verdict", ANYWHERE),
    Key(("?",), "This list", ANYWHERE),
    Key(ARROWS, "Choose the neighbouring image", GALLERY),
    Key(("PageUp", "PageDown"), "A page back or on", GALLERY),
    Key(("Home", "End"), "First or last image", GALLERY),
    Key(ARROWS, "Move the handle by a pixel", POINT),
    Key(tuple(SHIFT + arrow for arrow in ARROWS), "Move both handles", POINT),
    Key(("PageUp", "PageDown"), "To the next named threshold above or below", POINT),
    Key(("Home", "End"), "To the lowest or highest score", POINT),
    Key(("Escape",), "While dragging: back to where it was", POINT),
    Key(("+", "-"), "Zoom in or out", VIEWER),
    Key(("0",), "Show the whole photo", VIEWER),
    Key(ARROWS, "Move the zoomed photo", VIEWER),
    Key(tuple(SHIFT + arrow for arrow in ARROWS), "Move the cross to another pixel and read its score", VIEWER),
    Key(("Enter",), "Choose the pixel under the cross", VIEWER),
    Key(("Escape",), "Put the cross away", VIEWER),
    Key(ARROWS, "Walk along the curve", CURVES),
    Key(("PageUp", "PageDown"), "Walk faster", CURVES),
    Key(("Home", "End"), "First or last point", CURVES),
    Key(("Enter",), "Set the operating point there", CURVES),
)


def help_button() -> None:
    """A button, also pressed by `?`, that shows all keys of Review."""
    with st.container(width="content"):  # a fragment alone would take the whole row
        _button()


@st.fragment
def _button() -> None:
    with in_fragment("review_keys"):
        pressed = key_button("Keys", "?", key="review_keys", help="All keys of this page")
    if pressed:
        _keys()


@st.dialog("Keys of Review", width="large")
def _keys() -> None:
    with st.grid(2, min_column_width=300, gap="medium") as grid:
        for where, how in PLACES.items():
            with grid.cell():
                st.markdown(f"**{where}** :small[:gray[{how}]]")
                st.markdown(_table(where))


def _table(where: str) -> str:
    rows = [f"| {caps(one.keys)} | {one.what} |" for one in KEYS if one.where == where]
    return "\n".join(["| Key | What it does |", "| :-- | :-- |", *rows])


def caps(keys: tuple[str, ...]) -> str:
    """Keys as they are written on keyboards, in Markdown: `Shift` once where all are pressed with it."""
    held = all(key.startswith(SHIFT) for key in keys)
    plain = [key.removeprefix(SHIFT) for key in keys] if held else list(keys)
    signs = [NAMES.get(key, key.upper() if key.isalpha() and len(key) == 1 else key) for key in plain]
    return TIED.join([*(["`Shift`", "+"] if held else []), *(f"`{sign}`" for sign in signs)])
