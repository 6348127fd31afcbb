"""How a widget of patchcore_core/views/web becomes a component of Streamlit: one script, no build step, nothing remote.

Streamlit's browser part sends what components tell in one tick as one message, and the message reruns the fragment
of the first of them alone: the others' callbacks run, and what they changed is not drawn. So each callback notes the
fragment in which its component stands as not drawn, and a fragment that runs alone draws the page where another one
is still waiting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import streamlit as st

from patchcore_core.views import web

PAGE = ""  # outside any fragment
_WAITING = "components_waiting"  # in the session's state: fragments that have changed and are not drawn yet
_FRAGMENT: ContextVar[str] = ContextVar("fragment", default=PAGE)
_FACE = (Path(__file__).parent / "streamlit.js").read_text(encoding="utf-8")


def component(
    widget: str, *, states: Sequence[str] = (), silent: bool = False, css: str = ""
) -> Callable[..., Any]:
    """Streamlit's mounting function for this widget ("gallery", "viewer/ahead").

    Of what it tells, `states` stay in the session under their names; all else is a trigger. What a `silent` one tells
    changes nothing but its own fragment. `css` says where on the page it stands, by `:host`.
    """
    js = f"{web.flattened(widget)}{_FACE}export default face(widget, {json.dumps(list(states))});\n"
    name = f"patchcore_{widget.replace('/', '_')}"
    styles = web.css(widget) + css
    mounted = st.components.v2.component(name, html='<div class="widget"></div>', css=styles or None, js=js)
    return mounted if silent else lambda **given: mounted(**_noting(given))


def all_drawn() -> None:
    """First in every run of a whole page: nothing is pending."""
    _waiting().clear()


@contextmanager
def in_fragment(name: str) -> Iterator[None]:
    """Wraps all that a fragment draws; fragments may be nested. `name` is unique on the page.

    If something outside has changed and is not drawn yet, the whole page is drawn instead.
    """
    waiting, around = _waiting(), _FRAGMENT.get()
    waiting.discard(name)
    if waiting and around == PAGE:
        st.rerun()
    before = _FRAGMENT.set(name)
    try:
        yield
    finally:
        _FRAGMENT.reset(before)


def _noting(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a component, with callbacks that mark its fragment, or the page, as changed."""
    waiting, fragment = _waiting(), _FRAGMENT.get()
    waiting.discard(fragment)  # it is drawn now

    def noting(callback: Callable[[], None]) -> Callable[[], None]:
        def told() -> None:
            waiting.add(fragment)  # first: Streamlit may interrupt a callback
            callback()

        return told

    return {name: noting(value) if name.startswith("on_") else value for name, value in given.items()}


def _waiting() -> set[str]:
    """One set for the whole session, so that a callback need not read the session's state."""
    found: set[str] = st.session_state.setdefault(_WAITING, set())
    return found
