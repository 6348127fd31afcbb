"""Review: judge one run, its figures, its thresholds and every test image, in one workspace below the menu."""

from __future__ import annotations

import streamlit as st

from pages.ui import run_warnings, states
from pages.ui.frame import link_to, page_header
from pages.ui.pickers import FORGET, finished_run, run_picker
from pages.ui.review import data, training
from pages.ui.review.workspace import page as workspace
from patchcore_core.runs.store import Run


def main() -> None:
    page_header("Review")
    run = finished_run() or _picked()
    with states.errors_in_place(run):
        images = data.test_images(run)
    if images.empty and training.known(run) is None:
        _without_images(run)
    else:
        workspace.draw(run)


def _picked() -> Run:
    return run_picker(key="review_run", forget=FORGET)


def _without_images(run: Run) -> None:
    _picked()
    run_warnings.opened_by_count(run, "review_warnings")
    st.info("This run has no test images and recorded no held-out scores of training images, so there is nothing to "
            "review. Score new images with it on Inspect.", icon=":material/image_not_supported:")
    link_to("inspect_image", "Score an image with this run", run=run.id)
    link_to("training_photos", "Look at its training photos with their held-out scores", run=run.id)


main()
