"""Thumbnails of images, one of them selected."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.views.widgets.gallery import Thumbnails, gallery_data

_mount = component("gallery")


def gallery(images: Thumbnails, selected: str, thresholds: tuple[float, float] | None, *, key: str, label: str,
            on_choose: Callable[[str], None], height: int = 300) -> None:  # fmt: skip
    """Draw the images, coloured by their outcome at the thresholds (low, high); `on_choose(id)` is called when another
    one is selected."""
    data = gallery_data(images, selected, thresholds, key, label=label, height=height)
    _mount(key=key, data=data, on_chosen_change=lambda: _choose(key, frozenset(images.ids), on_choose))


def _choose(key: str, known: frozenset[str], on_choose: Callable[[str], None]) -> None:
    value = st.session_state[key].chosen
    if isinstance(value, str) and value in known:
        on_choose(value)
