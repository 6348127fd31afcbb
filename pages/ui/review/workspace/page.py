"""Review as one workspace that fills the window below the menu."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache, states
from pages.ui.review.workspace import desk
from pages.ui.review.workspace.columns import workspace_data
from pages.ui.review.workspace.face import workspace
from patchcore_core.runs.store import Run

KEY = "review_workspace"


def draw(run: Run) -> None:
    """Draw the workspace of this run; why not, where its maps or scores cannot be read."""
    with states.errors_in_place(run):
        given = workspace_data(run, cache.load_runs(), st.query_params.get("beside", ""))
    workspace(given, key=KEY)
    desk.begin(run, KEY)
