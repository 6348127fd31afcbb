"""The widget `gallery` mounted alone in Streamlit, for tests; in the product it is a part of the workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.views.widgets.gallery import Thumbnails, gallery_data

_mount = component("gallery")


def gallery(
    images: Thumbnails, selected: str, *, key: str, label: str, thresholds: tuple[float, float] | None,
    on_choose: Callable[[str], None], follows: str = "", layout: Literal["grid", "strip"] = "grid",
    height: int = 420,
) -> None:  # fmt: skip
    """Draw the thumbnails and mark the one with the id `selected`; choosing another calls `on_choose(id)`.

    `thresholds` are (low, high) as in `operating_point`, None without a prediction; `follows` is the key of the
    operating point whose handles recolour the cards while they move. `height` of the grid in pixels.
    """
    data = gallery_data(images, selected, thresholds, key, label=label, follows=follows, layout=layout, height=height)
    known = frozenset(images.ids)
    _mount(key=key, data=data, on_chosen_change=lambda: _choose(key, known, on_choose))


def _choose(key: str, known: frozenset[str], on_choose: Callable[[str], None]) -> None:
    name = st.session_state[key].chosen
    if isinstance(name, str) and name in known:
        on_choose(name)
