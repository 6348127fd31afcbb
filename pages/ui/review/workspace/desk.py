"""The fragment that reads the workspace's outbox, has it done (review/events/desk.py) and answers."""

from __future__ import annotations

import streamlit as st

from pages.ui.components.mount import in_fragment
from pages.ui.markdown import plain
from pages.ui.review.events.desk import Desk
from pages.ui.review.verdicts import words
from pages.ui.review.workspace import face
from patchcore_core.runs.store import Run

EVERY = 3.0  # seconds between two looks for verdicts of others, and for answers that took long
KEY, TROUBLE = "review_desk", "review_desk_trouble"  # in the session's state


@st.fragment(run_every=EVERY)
def post(run: Run, key: str) -> None:
    """Apply what the workspace of this key asked for, and answer; looks again every few seconds."""
    with in_fragment(f"{key}_post"):
        desk = st.session_state.setdefault(KEY, Desk())
        if not desk.author:
            desk.author = words.author()
        desk.apply(run, *face.outbox(key))
        told, trouble = desk.told(run)
        face.post(told, key=key)
        if trouble and trouble != st.session_state.get(TROUBLE):
            st.toast(plain(trouble), icon=":material/error:", duration="infinite")
        st.session_state[TROUBLE] = trouble
