"""The filters of Review on a page of their own, with what they leave of the newest run's images."""

import json
import math
import os
from types import SimpleNamespace

import streamlit as st

from pages.ui import cache
from pages.ui.review import filters as review_filters
from pages.ui.review import table as review_table
from pages.ui.review.data import test_images

run = next(run for run in cache.load_runs() if run.id == st.query_params.get("run", run.id))
images = test_images(run)
threshold = float(st.session_state.get("threshold", os.environ.get("FILTERS_THRESHOLD", "0.9")))
said = {int(row): SimpleNamespace(verdict=verdict, tags=tuple(tags))
        for row, (verdict, tags) in json.loads(os.environ.get("FILTERS_SAID", "{}")).items()}  # fmt: skip
pixel_threshold = run.thresholds.get("pixel_good_p999", math.nan)
table = review_table.table(run, images, threshold, pixel_threshold, said)
causes = review_table.causes_of(run, images, threshold)
with st.sidebar:
    listed = review_filters.filters(table, causes)
review_filters.summary_line(listed, table, threshold)


@st.fragment
def parts() -> None:
    """Callbacks of other views, within a fragment."""
    st.button("Misses", key="do_misses", on_click=review_filters.toggle_outcome, args=("FN",))
    st.button("False alarms", key="do_alarms", on_click=review_filters.toggle_outcome, args=("FP",))
    st.button("Holes", key="do_holes", on_click=review_filters.toggle_defect, args=("hole",))
    st.button("Hostile", key="do_hostile", on_click=review_filters.toggle_defect, args=("<b>nobody",))
    st.button("Nonsense", key="do_nonsense", on_click=review_filters.toggle_outcome, args=("nonsense",))
    st.button("Small", key="do_sizes", on_click=review_filters.toggle_sizes, args=(37.0, 47.5))
    if st.session_state.pop("review_redraw", False):
        st.rerun()


parts()
with st.container(key="rows"):
    st.text(json.dumps([listed.index.tolist(), dict(st.query_params)]))
