"""Inspect: score a new image with a finished run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import run_warnings
from pages.ui.frame import page_header
from pages.ui.inspect import evidence as inspect_evidence
from pages.ui.inspect import result as inspect_result
from pages.ui.inspect import viewer as inspect_viewer
from pages.ui.inspect.batch import results
from pages.ui.inspect.input import given
from pages.ui.inspect.listed import choose
from pages.ui.inspect.scores import Item
from pages.ui.inspect.thresholds import thresholds as inspect_thresholds
from pages.ui.markdown import plain
from pages.ui.pickers import FORGET, run_picker
from pages.ui.states import errors_in_place
from patchcore_core.runs.store import Run


def main() -> None:
    page_header("Inspect", "Score new images with a finished run: anomaly map, segmentation and prediction.")
    run = run_picker(key="inspect_run", forget=FORGET)
    run_warnings.opened_by_count(run, "inspect_warnings")
    with errors_in_place(run):
        images = given(run)
        if not images:
            count = run.counts.train or "?"
            st.info(f"Drop photos of the part that the run was fitted on ({count} good photos of "
                    f"{plain(run.category)}), or a ZIP file of them.", icon=":material/add_photo_alternate:")
            return
        items = results(run, images)
        if items:
            _results(run, items)


def _results(run: Run, items: Sequence[Item]) -> None:
    thresholds = inspect_thresholds(run, items)
    item = choose(run, items, thresholds)
    if item is None:
        return
    with st.container(border=True):
        inspect_result.prediction(run, item, thresholds)
        inspect_viewer.draw(run, item, thresholds.pixel)
        st.caption(inspect_result.area(run, item, thresholds.pixel))
        inspect_result.downloads(run, item, thresholds.pixel)
    st.subheader("Evidence", anchor=False)
    inspect_evidence.draw(run, item, thresholds.image, thresholds.review_from)


main()
