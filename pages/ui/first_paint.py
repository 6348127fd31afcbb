"""Draw the main part of a page first, and the rest once the browser has painted it.

A browser paints nothing before it has laid out all that it was sent, and Streamlit's fields take longer than pictures.
"""

from __future__ import annotations

import streamlit as st

from pages.ui.components.painted import rerun_when_painted

BEGUN = "first_paint"  # in the session's state: the first run is over


def rest_can_wait(*parameters: str) -> bool:
    """Whether this is a visitor's first run, which draws only the first part.

    False if the address has one of the `parameters`: those of widgets in the rest.
    """
    first = BEGUN not in st.session_state
    st.session_state[BEGUN] = True
    return first and not any(name in st.query_params for name in parameters)


def draw_rest_when_painted() -> None:
    """At the end of such a run: rerun the page once its viewer has painted."""
    rerun_when_painted(key="first_paint_painted")
