"""Review: judge one run. Its curves and operating point, and every test image with what the run saw in it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import (
    review_address,
    review_badges,
    review_data,
    review_figures,
    review_gallery,
    review_summary,
    review_viewer,
)
from pages.ui.frame import link_to, page_header
from pages.ui.markdown import plain
from pages.ui.pickers import run_picker
from pages.ui.review_gallery import Display
from patchcore_core.errors import PatchCoreError
from patchcore_core.evaluation.operating_point import manual
from patchcore_core.evaluation.protocol import Badge
from patchcore_core.runs.store import Run
from patchcore_core.views.ranking import judged


def main() -> None:
    page_header("Review", sidebar=True)
    review_address.takes_redraw()  # this run draws everything
    run = run_picker(key="review_run", forget=(*review_address.FORGET, "review_from"))
    review_address.set_parameter("run", run.id)  # a copied link names its run
    try:
        images = review_data.test_images(run)
        badge_line = st.container(horizontal=True, gap="xsmall")  # filled when the operating point is known
        review_figures.headlines(run, images)
        if images.empty:
            _without_test_images(run)
            seen = review_badges.badges(run, images, manual(math.nan))
            review_badges.line(badge_line, run, seen)
        else:
            seen = _review(run, images, badge_line)
        review_badges.in_words(run, seen)
        review_figures.all_figures(run)
        review_figures.published(run)
    except PatchCoreError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _review(run: Run, images: pd.DataFrame, badge_line: DeltaGenerator) -> Sequence[Badge]:
    """The operating point, the images as it judges them, and the curves; returns what the figures have seen."""
    decision = review_summary.operating_point(run, images)
    threshold = decision.point.value
    seen = review_badges.badges(run, images, decision.point if decision.chosen else manual(math.nan))
    review_badges.line(badge_line, run, seen)
    images = judged(images, threshold)
    review_gallery.start_over(run.id)
    with st.sidebar:
        listed = review_gallery.filters(images)
        display = review_gallery.display()
    pixel_threshold = _images(run, images, listed, threshold, display)
    review_summary.curves(run, threshold, pixel_threshold)
    return seen


@st.fragment
def _images(run: Run, images: pd.DataFrame, listed: pd.DataFrame, threshold: float, display: Display) -> float:
    """Gallery and viewer: choosing an image redraws only these. The pixel threshold redraws its curves too."""
    if review_address.takes_redraw():
        st.rerun()
    index = review_gallery.current(images, listed)
    review_gallery.strip(images, listed, index, threshold, album=run.id)
    with st.container(border=True):
        return review_viewer.viewer(run, images, listed, index, threshold, display)


def _without_test_images(run: Run) -> None:
    st.info("This run has no test images, so there is nothing to review. Score new images with it on Inspect.",
            icon=":material/image_not_supported:")
    link_to("inspect_image", "Score an image with this run", run=run.id)


main()
