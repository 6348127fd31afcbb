"""A page with saved views, the link to copy and the keys, beside widgets bound to the address as Review has them.

The store is that of PATCHCORE_RUNS; `run` in the address names the run. What Python knows stands in the element of the
key `told`, as JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

import streamlit as st

from pages.ui.review.keys import help_button
from pages.ui.review.views import copy_link_button, saved_views
from patchcore_core.config import PatchCoreConfig
from patchcore_core.runs.store import Run


def run_of(name: str) -> Run:
    return Run(id=name, status="finished", category="tile", dataset="", config=PatchCoreConfig(), folder=Path(name))


def main() -> None:
    st.set_page_config(layout="wide")
    query, state = st.query_params, st.session_state
    state["drawn"] = state.get("drawn", 0) + 1
    with st.container(horizontal=True):
        saved_views(run_of(query.get("run", "first")))
        copy_link_button()
        help_button()
    told = {
        "outcome": st.pills("Outcome", ["TP", "FN", "FP"], selection_mode="multi", key="outcome", bind="query-params"),
        "defect": st.multiselect("Defect", ["hole", "scratch", "a&b=c"], key="defect", bind="query-params"),
        "opacity": st.slider("Opacity", 0, 100, 75, key="opacity", bind="query-params"),
        "escape": st.number_input("Escape", 0.0, value=None, key="escape", bind="query-params"),
        "outlines": st.toggle("Outlines", True, key="outlines", bind="query-params"),
        "page": st.pagination(5, key="page", bind="query-params"),
        "find": st.text_input("Find", key="find", bind="query-params"),
        "run": query.get("run", ""), "threshold": query.get("threshold", ""), "drawn": state["drawn"],
    }  # fmt: skip
    if st.button("Threshold by Python"):
        query["threshold"] = "2.5"
        st.rerun()
    with st.container(key="told"):
        st.text(json.dumps(told))


main()
