"""Inspect: the highest-scoring patches of an upload beside their nearest training patches."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.changed import photo_state
from pages.ui.inspect.scores import Item, photo_of
from pages.ui.markdown import plain
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError
from patchcore_core.runs.contents import CHANGED, PERHAPS
from patchcore_core.runs.store import Run
from patchcore_core.views.patches import close_up, hottest_patches, patch_box

CHANGES = {
    CHANGED: "This file has changed since the run: the patch in the memory bank is of the earlier photo.",
    PERHAPS: "This file is newer than the run: the patch in the memory bank may be of an earlier photo.",
}  # fmt: skip
SHOWN = 4  # highest-scoring patches
CELLS = 3  # side of the outlined square in patches: the neighbourhood that a patch sees


def nearest_good(run: Run, item: Item) -> None:
    """For each peak of the photo: its patch, and the nearest patch in the memory bank."""
    model = cache.loaded_model(run)
    nearest = item.result.nearest
    if nearest is None or nearest.origin is None:
        st.caption("This memory bank does not record the origin of its patches.")
        return
    photo = photo_of(item.upload.key, item.upload, run.bits)
    box = model.transform.box(item.result.height, item.result.width)
    with st.grid(SHOWN, min_column_width=250, gap="small") as grid:
        for number, (row, column) in enumerate(hottest_patches(item.result.patch_scores, SHOWN), start=1):
            scale, cell = nearest.at(row, column)
            grid_size = nearest.grids[scale]
            image, *place = nearest.origin[row, column].tolist()
            with grid.cell():
                at = f" · scale {run.config.scales[scale]} px" if run.config.scales else ""
                hot = close_up(photo, patch_box(box, grid_size, *cell, CELLS))
                st.markdown(f"**Peak {number}** · distance {nearest.distances[row, column]:.3f}{at}")
                path = model.training.paths[image]
                _pair(hot, _good_patch(run, path, grid_size, place[0], place[1]))
                st.caption(f"training patch from {plain(shown(path.rsplit('/', 1)[-1]))}")
                if words := CHANGES.get(photo_state(run, path, model.training.contents[image])):
                    st.caption(f":orange[:material/difference: {words}]")


def _pair(hot: np.ndarray, good: np.ndarray | str) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.image(hot, width=136, alt="peak on this photo")
        if isinstance(good, str):
            st.caption(good, width=136)
        else:
            st.image(good, width=136, alt="nearest training patch")


def _good_patch(run: Run, path: str, grid_size: tuple[int, int], row: int, column: int) -> np.ndarray | str:
    """The close-up of a bank row on its training photo, or why it cannot be shown."""
    try:
        photo = cache.photo(path, run.bits)
    except DataError as error:
        return plain(str(error))
    box = cache.loaded_model(run).transform.box(photo.shape[0], photo.shape[1])
    return close_up(photo, patch_box(box, grid_size, row, column, CELLS))
