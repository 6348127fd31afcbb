"""The rows of a memory bank as points of a plane; the patch of the row that is pointed at is asked for and shown."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.views.web.packed import packed

Patch = Callable[[int], tuple[bytes, str]]  # of a row: a JPEG file, b"" without one, and why there is none
_mount = component("bank_map")
_mount_patches = component("bank_map/patches", states=("wanted",))


@dataclass(frozen=True, eq=False)
class Points:
    """`places` (M, 2) of the rows; `shades` (M,) from 0 to 1 along `palette`, NaN: the colour `none`. `origins` (M, 3):
    training photo, row and column (None: unknown), `uses` (M,) by test patches (None: unknown); `photos`: names."""

    places: np.ndarray
    shades: np.ndarray
    palette: Sequence[str]
    none: str
    origins: np.ndarray | None
    uses: np.ndarray | None
    photos: Sequence[str]


def bank_map(points: Points, *, key: str, label: str, album: str, patch: Patch, height: int = 400) -> None:
    """Draw the points, `height` pixels high. `album` identifies the bank: the browser keeps patches by it and row."""
    data = {
        "places": packed(points.places), "shades": packed(points.shades), "palette": list(points.palette),
        "none": points.none, "origins": None if points.origins is None else packed(points.origins),
        "uses": None if points.uses is None else packed(points.uses), "photos": list(points.photos), "label": label,
        "album": album, "channel": key, "height": height,
    }  # fmt: skip
    with st.container(gap=None):
        _mount(key=key, data=data)
        _patches(key, album, len(points.places), patch)


@st.fragment
def _patches(key: str, album: str, rows: int, patch: Patch) -> None:
    """Answer the browser's last request."""
    name = f"{key}_patches"
    asked = st.session_state[name].get("wanted") if name in st.session_state else None
    row = wanted(asked, rows)
    picture, note = (b"", "") if row is None else patch(row)
    _mount_patches(key=name, on_wanted_change=lambda: None, data={
        "album": album, "channel": key, "row": "" if row is None else str(row), "note": note,
        "picture": b64encode(picture).decode("ascii"),
    })  # fmt: skip


def wanted(value: object, rows: int) -> int | None:
    """The requested row, None if there is no such row."""
    asked = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else -1
    return asked if 0 <= asked < rows else None
