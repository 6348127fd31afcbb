"""Uploads that were refused, to be said on the page: Streamlit's uploader shows only the number of the answer."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from time import monotonic

import streamlit as st

SAID = 60.0  # seconds for which a page says it
MOST = 200  # sessions


class Refusals:
    """The last refusal of each session. Safe for concurrent threads."""

    def __init__(self) -> None:
        self._why: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._lock = Lock()

    def note(self, session: str, why: str) -> None:
        """An upload of this session was refused."""
        with self._lock:
            self._why[session] = monotonic(), why
            self._why.move_to_end(session)
            while len(self._why) > MOST:
                self._why.popitem(last=False)

    def of(self, session: str) -> str:
        """Why an upload of this session was refused in the last minute, "" where none was."""
        when, why = self._why.get(session, (0.0, ""))
        return why if why and monotonic() - when < SAID else ""


@st.cache_resource(show_spinner=False)
def refusals() -> Refusals:
    """Those of this server."""
    return Refusals()
