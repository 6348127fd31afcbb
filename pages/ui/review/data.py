"""What Review reads from a run, cached: its table of images, the colour limits, curves and thumbnails.

Thumbnails are keyed by path and file (data.files.content.stamp_of). Tables and curves are shared by all visitors:
nobody changes them.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from pages.ui import cache
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.images import read_image, shown
from patchcore_core.exports.pictures import colour_limits as run_limits
from patchcore_core.runs.store import Run
from patchcore_core.views import overlay
from patchcore_core.views.curve import Curve, run_curves
from patchcore_core.views.widgets.picture import Standing
from patchcore_core.views.widgets.tally import Regions


@cache.of_run(max_entries=16)
def test_images(run: Run) -> pd.DataFrame:
    """`RunStore.images` with `name`, the path inside the dataset as it can be shown and put into an address."""
    images = cache.store().images(run)
    inside = len(run.dataset.rstrip("/")) + 1
    names = [shown(path[inside:] if path.startswith(run.dataset) else path) for path in images["path"]]
    return images.assign(name=names)


@cache.of_run(max_entries=64)
def colour_limits(run: Run) -> tuple[float, float]:
    """Low and high end of the colour scale, common to all images of the run."""
    return run_limits(cache.store(), run) or (0.0, 1.0)


@cache.of_run(max_entries=16)
def curves(run: Run) -> dict[str, Curve]:
    """The run's curves by name; undefined ones have no points."""
    return run_curves(cache.load_curves(run))


@cache.of_run(max_entries=16)
def standing(run: Run) -> Standing | None:
    """How the run's good test pixels score; None where it has none."""
    return Standing.of(cache.load_curves(run).pixel)


@cache.of_run(max_entries=16)
def regions(run: Run) -> Regions | str:
    """The run's true defect regions, or a sentence why there are none."""
    return Regions.of(cache.load_curves(run).regions)


def thumbnail(place: Path, bits: int | None) -> bytes:
    """The thumbnail of a photo in an allowed folder as a JPEG; DataError where it cannot be read."""
    return _thumbnail(str(place), stamp_of(place), bits)


@st.cache_data(max_entries=6000, show_spinner=False)
def _thumbnail(path: str, stamp: int, bits: int | None) -> bytes:  # noqa: ARG001
    return overlay.jpeg_bytes(overlay.thumbnail(read_image(Path(path), bits), 128))
