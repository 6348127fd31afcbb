"""Why a training photo scores what it does: its hottest patches, and the nearest ones of other photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.markdown import plain
from pages.ui.memory_bank import data
from pages.ui.scale import map_on_photo
from pages.ui.training_photos import held_out
from patchcore_core.data.images import shown
from patchcore_core.data.transforms import transform_of
from patchcore_core.errors import DataError
from patchcore_core.evaluation.values import TrainingImage
from patchcore_core.exports.pictures import colour_limits
from patchcore_core.model.results import Nearest
from patchcore_core.runs.store import Run
from patchcore_core.views.overlay import blend
from patchcore_core.views.patches import close_up, hottest_patches, patch_box

SHOWN, CELLS = 3, 3  # highest patches; side of the outlined square in patches
WIDE = 150  # pixels of a close-up


def draw(run: Run, photo: TrainingImage) -> None:
    """The photo with its held-out anomaly map, and its hottest patches beside the nearest good ones."""
    st.subheader(plain(shown(photo.path)), anchor=False)
    pixels = cache.photo(Path(run.dataset) / photo.path, run.bits)  # one that was taught may lie elsewhere
    result = held_out.result_of(run, photo.path)
    limits = colour_limits(cache.store(), run)
    if limits is not None and np.isfinite(result.anomaly_map).all():
        heat = blend(pixels, map_on_photo(run, result.anomaly_map, *pixels.shape[:2]), *limits)
        left, right = st.columns(2, gap="small")
        left.image(pixels, width="stretch", caption="photo", alt="training photo")
        right.image(heat, width="stretch", caption="map without its own rows, in the run's colours",
                    alt="training photo with its held-out anomaly map")  # fmt: skip
    nearest = result.nearest
    if nearest is None or nearest.origin is None:
        st.caption("This memory bank does not record the origin of its patches.")
        return
    for number, place in enumerate(hottest_patches(result.patch_scores, SHOWN), start=1):
        _pair(run, pixels, nearest, place, number)


def _pair(run: Run, pixels: np.ndarray, nearest: Nearest, place: tuple[int, int], number: int) -> None:
    assert nearest.origin is not None
    scale, cell = nearest.at(*place)
    image, *good = nearest.origin[place].tolist()
    training = data.banks(run).training
    path = training.paths[image]
    box = transform_of(run.config, run.input_shape).box(pixels.shape[0], pixels.shape[1])
    hot = close_up(pixels, patch_box(box, nearest.grids[scale], *cell, CELLS))
    at = f" · scale {run.config.scales[scale]} px" if run.config.scales else ""
    st.markdown(f"**Patch {number}** · distance {nearest.distances[place]:.4g}{at}")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.image(hot, width=WIDE, alt="patch of this photo")
        _good(run, image, nearest.grids[scale], good)
        with st.container(gap=None):
            st.caption(f"nearest patch of another photo: {plain(shown(path.rsplit('/', 1)[-1]))}")
            if words := data.change_of(run, training, image):
                st.caption(f":orange[:material/difference: {words}]")


def _good(run: Run, image: int, grid: tuple[int, int], place: list[int]) -> None:
    try:
        photo = cache.photo(data.banks(run).training.paths[image], run.bits)
    except DataError as error:
        st.caption(plain(str(error)), width=WIDE)
        return
    box = transform_of(run.config, run.input_shape).box(photo.shape[0], photo.shape[1])
    st.image(close_up(photo, patch_box(box, grid, place[0], place[1], CELLS)), width=WIDE,
             alt="nearest patch of another training photo")  # fmt: skip
