"""The map of the bank: principal components at once, a neighbour map on request where a package for it is installed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui.access import read_only
from pages.ui.components.legend import ColourBar, Entry, legend
from pages.ui.memory_bank import data
from pages.ui.memory_bank.data import Scale
from pages.ui.memory_bank.points import Points, bank_map
from pages.ui.memory_bank.requests import on_request
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError
from patchcore_core.jobs.neighbour_map import neighbour_map
from patchcore_core.model.evidence.bank_map import LEAST, METHODS, neighbour_method
from patchcore_core.runs.bank.row_use import RowUse
from patchcore_core.views.colours import COLOURS, INFERNO
from patchcore_core.views.overlay import jpeg_bytes

PALETTE = [f"rgb({red} {green} {blue})" for red, green, blue in INFERNO[80:216:3].tolist()]  # seen on light and dark
NONE = COLOURS["truth"]
BY = {"use": "Use by test patches", "photo": "Training photo"}
PICTURE = 192  # pixels


def draw(scale: Scale, use: RowUse | None) -> None:
    """The plane with its choices and what its colours mean."""
    st.subheader("Map of the rows", anchor=False)
    counts = None if use is None else use.scales[scale.number]
    ways = [name for name in BY if name == "photo" or counts is not None]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control("Colour", ways, default=ways[0], required=True, key="bank_colour",
                                  format_func=BY.__getitem__)  # fmt: skip
        method = _choose_method()
    places, about = _places(scale, method)
    if places is None:
        return
    shades = use_shades(counts) if by == "use" and counts is not None else photo_shades(scale)
    names = [shown(scale.name(path)) for path in scale.paths]
    bank_map(Points(places, shades, PALETTE, NONE, scale.rows.origin, counts, names), key="bank_map", label=about,
             album=f"{scale.run.id} {scale.number}", patch=lambda row: patch_of(scale, row))  # fmt: skip
    _legend(by, counts, len(names))
    st.caption(about)


def _choose_method() -> str | None:
    """None: principal components."""
    package = neighbour_method()
    if package is None or read_only():  # it takes a process of its own
        return None
    chosen = st.segmented_control("Map", ["pca", package], default="pca", required=True, key="bank_plane",
                                  format_func=lambda name: METHODS.get(name, "Principal components"))
    return None if chosen == "pca" else chosen


def _places(scale: Scale, method: str | None) -> tuple[np.ndarray | None, str]:
    rows = scale.rows.patches
    if method is None or len(rows) < LEAST:
        plane = data.plane(scale.run, scale.number)
        part = "" if np.isnan(plane.explained) else f", which hold {100 * plane.explained:.0f} % of the variance"
        return plane.places, f"Each point is a row, placed by the first two principal components{part}."
    name = METHODS[method]
    found = on_request(scale.run, f"map_{method}_{scale.number}", f"Compute {name}",
                       lambda _, report: neighbour_map(rows, method, report), with_model=False,
                       about="Seconds to minutes, in a process of its own.")  # fmt: skip
    return found, (f"Each point is a row, placed by {name} so that near rows lie near each other; larger distances, "
                   "sizes and gaps mean little.")


def use_shades(counts: np.ndarray) -> np.ndarray:
    """(M,) from 0 to 1 on a logarithmic scale, NaN for unused rows."""
    most = np.log(max(2.0, float(counts.max(initial=0))))
    with np.errstate(divide="ignore"):
        return np.where(counts > 0, np.log(counts) / most, np.nan).astype(np.float32)


def photo_shades(scale: Scale) -> np.ndarray:
    """(M,) from 0 for the first training photo to 1 for the last, NaN if unknown."""
    if scale.rows.origin is None:
        return np.full(len(scale.rows), np.nan)
    return (scale.rows.origin[:, 0] / max(1, len(scale.paths) - 1)).astype(np.float32)


def _legend(by: str, counts: np.ndarray | None, photos: int) -> None:
    entries: Sequence[Entry] = ()
    if by == "use" and counts is not None:
        entries = [Entry("near no test patch", NONE)]
        bar = ColourBar("Test patches, log scale", "1", f"{counts.max():,}", PALETTE)
    else:
        bar = ColourBar("Training photo, in order", "1", f"{photos:,}", PALETTE)
    legend(entries, bar, key="bank_legend")


def patch_of(scale: Scale, row: int) -> tuple[bytes, str]:
    """The picture of a row's patch as a JPEG file, or why there is none."""
    if scale.rows.origin is None:
        return b"", "The bank does not record the origin of its rows."
    try:
        return jpeg_bytes(scale.picture(row, PICTURE)), scale.changed(row)
    except DataError as error:
        return b"", str(error)
