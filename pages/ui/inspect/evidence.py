"""Inspect: why an upload scores what it does, beside the nearest patches of good photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.ui import cache, states
from pages.ui.components.mount import component
from pages.ui.components.viewer import pixel
from pages.ui.evidence import kept
from pages.ui.evidence.album import ServerAlbum
from pages.ui.inspect.scores import Item, photo_of
from pages.ui.inspect.viewer import KEY as VIEWER
from pages.ui.media.patches import patch_bytes
from pages.ui.present.shown import served
from patchcore_core.evaluation.statistics.good_patches import GoodPatches
from patchcore_core.exports.present.photos import shrunk
from patchcore_core.runs.store import Run
from patchcore_core.views.overlay import jpeg_bytes
from patchcore_core.views.widgets.evidence import MOST_K, Evidence, Known, image_data, patch_data
from patchcore_core.views.widgets.receipt import zone_words

KEY, PICKED = "inspect_evidence", "inspect_picked"  # in the session
SIDE = 640  # pixels of the photo that is painted over
_mount = component("evidence", states=("wanted",))


@st.fragment
def draw(run: Run, item: Item, threshold: float | None, review_from: float | None) -> None:
    """The evidence for the score of an upload; another patch is asked for without a run of the page."""
    with states.errors_in_place(run):
        with st.spinner("Looking for the nearest patches of good photos …"):
            data = evidence_data(run, item, _told().get("wanted"))
        zone = zone_words(data.pop("score"), threshold, review_from)
        _mount(key=KEY, on_wanted_change=lambda: None, data={
            **data, "picked": _picked(item), "asks": True, "keys": True, "zooms": False, "zone": zone,
        })  # fmt: skip


def evidence_data(run: Run, item: Item, asked: object) -> dict[str, Any]:
    """`Data` of views/web/evidence/data.js without what a page adds, and the `score`; asked: what the widget wants."""
    photo = photo_of(item.upload.key, item.upload, run.bits)
    evidence = kept.evidence_of(run, item.upload.key, lambda: photo)
    album, known = _album(run, photo, evidence.grids), _known(run, photo)
    image = image_data(evidence, known, album, item.upload.key)
    wanted = _wanted(asked, evidence)
    patches = [] if wanted is None else [patch_data(evidence, known, album, *wanted)]
    return {"image": image, "patches": patches, "error": "", "score": evidence.receipt.score}


def _told() -> Mapping[str, Any]:
    """What the widget has told."""
    return st.session_state.get(KEY) or {}


def _picked(item: Item) -> dict[str, int] | None:
    """The pixel of this photo that was clicked last in the viewer, with the number of the click."""
    last: dict[str, Any] = st.session_state.setdefault(PICKED, {"key": "", "row": 0, "column": 0, "count": 0})
    if (clicked := pixel(VIEWER)) is not None:
        last.update(key=item.upload.key, row=clicked[0], column=clicked[1], count=last["count"] + 1)
    return {name: last[name] for name in ("row", "column", "count")} if last["key"] == item.upload.key else None


def _wanted(raw: object, evidence: Evidence) -> tuple[int, int, int] | None:
    """Row, column and number of neighbours that were asked for; None for anything else."""
    rows, columns = evidence.grids[-1]
    match raw:
        case {"row": int(row), "column": int(column), "k": int(k)} if (
                0 <= row < rows and 0 <= column < columns and 1 <= k <= MOST_K):
            return row, column, k
    return None


def _known(run: Run, photo: np.ndarray) -> Known:
    heldout = cache.load_curves(run).heldout
    size = photo.shape[0], photo.shape[1]
    return Known(size, cache.loaded_model(run).transform.box(*size), GoodPatches.stored(heldout),
                 None if heldout is None else heldout.scores)


def _album(run: Run, photo: np.ndarray, grids: Sequence[tuple[int, int]]) -> ServerAlbum:
    def patch_at(scale: int, row: int, column: int) -> str:
        return served(patch_bytes(run, photo, grids[scale], row, column), f"{KEY}.{scale}.{row}.{column}")

    whole = served(jpeg_bytes(shrunk(photo, SIDE)), f"{KEY}.photo")
    return ServerAlbum(run, cache.loaded_model(run).training, whole, patch_at)
