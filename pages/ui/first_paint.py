"""Draw first what a page is opened for, and the rest as soon as the browser shows it.

A browser shows nothing of a page before it has drawn all that it was sent, and Streamlit's fields take it longer than
pictures do.
"""

from __future__ import annotations

import streamlit as st

from pages.ui.components.painted import rerun_when_painted

BEGUN = "first_paint"  # in the session's state: the first run is over


def rest_can_wait(*parameters: str) -> bool:
    """Whether this is the first run for a visitor, of which only the first part is to be drawn.

    It is not where the address has one of the `parameters`: those of widgets that belong to the rest.
    """
    first = BEGUN not in st.session_state
    st.session_state[BEGUN] = True
    return first and not any(name in st.query_params for name in parameters)


def draw_rest_when_painted() -> None:
    """At the end of such a run: the page runs again once its viewer has painted."""
    rerun_when_painted(key="first_paint_painted")
