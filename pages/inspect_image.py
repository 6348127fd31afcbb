"""Inspect: score a new image with a finished run."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui import cache, run_warnings
from pages.ui.frame import page_header
from pages.ui.inspect import nearest as inspect_nearest
from pages.ui.inspect import result as inspect_result
from pages.ui.inspect import viewer as inspect_viewer
from pages.ui.inspect.input import given
from pages.ui.inspect.listed import choose
from pages.ui.inspect.scores import Item, Thresholds, score_all
from pages.ui.markdown import plain
from pages.ui.pickers import run_picker
from pages.ui.review import address
from pages.ui.review.thresholds.controls import threshold_control
from pages.ui.states import errors_in_place
from patchcore_core.evaluation.thresholds.rules import of_level
from patchcore_core.runs.store import Run


def main() -> None:
    page_header("Inspect", "Score new images with a finished run: anomaly map, segmentation and prediction.")
    run = run_picker(key="inspect_run", forget=address.FORGET)
    run_warnings.opened_by_count(run, "inspect_warnings")
    with errors_in_place(run):
        images = given(run)
        if not images:
            count = run.counts.train or "?"
            st.info(f"Drop photos of the part that the run was fitted on ({count} good photos of "
                    f"{plain(run.category)}), or a ZIP file of them.", icon=":material/add_photo_alternate:")
            return
        items = score_all(run, images)
        if items:
            _results(run, items)


def _results(run: Run, items: Sequence[Item]) -> None:
    thresholds = _thresholds(run, items)
    item = choose(run, items, thresholds)
    if item is None:
        return
    with st.container(border=True):
        inspect_result.prediction(run, item, thresholds)
        inspect_viewer.draw(run, item, thresholds.pixel)
        st.caption(inspect_result.area(run, item, thresholds.pixel))
        inspect_result.downloads(run, item, thresholds.pixel)
    st.subheader("Nearest training patches", anchor=False)
    inspect_nearest.nearest_good(run, item)


def _thresholds(run: Run, items: Sequence[Item]) -> Thresholds:
    """The image threshold (None if the run has none and none was set), the pixel threshold, and where the review zone
    of the address starts."""
    named = of_level(run.thresholds, "image")
    scores = np.append(cache.load_images(run)["image_score"].to_numpy(), [item.result.image_score for item in items])
    pixels = np.concatenate([item.result.anomaly_map[::8, ::8].ravel() for item in items])
    grid = st.grid(2, min_column_width=380, gap="large")
    with grid.cell():
        threshold = threshold_control("threshold", "Image threshold", named, scores) if named else \
            st.number_input("Image threshold", value=None, key="inspect_threshold", placeholder="not set",
                            help="This run has no good test images to set a threshold on; set one manually.")
    with grid.cell():
        pixel_threshold = threshold_control("pixel_threshold", "Pixel threshold",
                                            of_level(run.thresholds, "pixel"), pixels)
    zone = address.threshold("review_from", named, math.nan)
    review_from = zone if threshold is not None and zone < threshold else None
    return Thresholds(threshold, pixel_threshold, review_from)


main()
