"""The fragment that reads the workspace's outbox, has it done (review/events/desk.py) and answers."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache, states
from pages.ui.markdown import plain
from pages.ui.review.events import author, verdicts
from pages.ui.review.events.desk import Desk
from pages.ui.review.workspace import face
from pages.ui.sign_in import visitor
from patchcore_core.errors import PatchCoreError
from patchcore_core.runs.store import Run

EVERY = 3.0  # seconds between two looks for verdicts of others, and for answers that took long
KEY, TROUBLE, BEGUN = "review_desk", "review_desk_trouble", "review_desk_begun"  # in the session's state


def begin(run: Run, key: str) -> None:
    """In a run of the whole page: draw the fragment, which tells all answers that are kept."""
    st.session_state[BEGUN] = True
    _post(run, key)


@st.fragment(run_every=EVERY)
def _post(run: Run, key: str) -> None:
    """Apply what the workspace of this key asked for, and answer; looks again every few seconds."""
    desk = st.session_state.setdefault(KEY, Desk(account=visitor.name()))
    if not desk.author:
        desk.author = author.of_visitor()
    outbox = face.outbox(key)
    with verdicts.held_open():  # until the answer is on its way
        _apply(desk, run, outbox)
        told, trouble = desk.told(run, every=st.session_state.pop(BEGUN, False), known=outbox.known,
                                  heard=outbox.heard)
        face.post(told, key=key)
    if trouble and trouble != st.session_state.get(TROUBLE):
        st.toast(plain(trouble), icon=":material/error:", duration="infinite")
    st.session_state[TROUBLE] = trouble


def _apply(desk: Desk, run: Run, outbox: face.Outbox) -> None:
    """Entries belong to the run that the workspace showed when they were made, which may be another one by now."""
    try:
        of = run if outbox.run in ("", run.id) else cache.load_run(outbox.run)
    except PatchCoreError:
        desk.refuse(outbox.run, outbox.id, outbox.entries, states.unknown_words(outbox.run))
    else:
        desk.apply(of, outbox.id, outbox.entries)
