"""Causes and regions of one image of the newest run on a page of their own; `row`, `at`, `pixel` in the address."""

import json

import streamlit as st

from pages.ui import cache
from pages.ui.review import table as review_table
from pages.ui.review.data import test_images
from pages.ui.review.viewer import findings as review_findings

run = cache.load_runs()[0]
images = test_images(run)
row, threshold = int(st.query_params.get("row", 0)), float(st.query_params.get("at", 0.9))
review_findings.why(review_table.causes_of(run, images, threshold), row)
review_findings.regions(run, images, row, float(st.query_params.get("pixel", 0.6)),
                        lambda box: st.session_state.update(boxes=[*st.session_state.get("boxes", []), box]))
with st.container(key="told"):
    st.text(json.dumps(st.session_state.get("boxes", [])))
