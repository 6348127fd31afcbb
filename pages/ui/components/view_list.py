"""A list of saved views: links that open in place, each with a delete button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.components.mount import component

_mount = component("view_list")


@dataclass(frozen=True)
class ViewLink:
    """One view: its name, its query string, its author and time (ISO), and notes."""

    name: str
    query: str
    author: str
    saved_at: str
    notes: tuple[str, ...] = ()


def view_list(groups: Mapping[str, Sequence[ViewLink]], *, key: str, on_delete: Callable[[str], None]) -> None:
    """Draw the non-empty groups under their titles; `on_delete(name)` is called to delete one.

    Opening a view changes the address of the same page: everything bound to the address takes its value from it, or its
    default, and Back returns.
    """
    shown = [{"title": title, "views": [asdict(view) for view in views]} for title, views in groups.items() if views]
    known = frozenset(view.name for views in groups.values() for view in views)
    _mount(key=key, data={"groups": shown}, on_deleted_change=lambda: _delete(key, known, on_delete))


def _delete(key: str, known: frozenset[str], on_delete: Callable[[str], None]) -> None:
    name = st.session_state[key].deleted
    if isinstance(name, str) and name in known:
        on_delete(name)
