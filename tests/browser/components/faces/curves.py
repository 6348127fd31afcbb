"""The widget `curves` mounted alone in Streamlit, for tests; in the product it is a part of the workspace."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.views.widgets.curves import Panel, curves_data

_mount = component("curves")


def curves(
    panels: Sequence[Panel], *, key: str, label: str, thresholds: Mapping[str, float], follows: Mapping[str, str],
    on_choose: Callable[[str, float], None],
) -> None:  # fmt: skip
    """Draw the panels side by side, each with a ring at the point of its level's threshold (`Curve.at`).

    `thresholds` by level, NaN for none; `follows`: by level, the key of the operating point whose upper handle the
    rings follow. `on_choose(level, threshold)` is called with the threshold of a chosen point; the caller stores it and
    passes it on the next run. The point at infinity cannot be chosen.
    """
    data = curves_data(panels, thresholds, follows, label)
    _mount(key=key, data=data, on_chosen_change=lambda: _choose(key, panels, on_choose))


def chosen(value: object, panels: Sequence[Panel]) -> tuple[str, float] | None:
    """The browser's choice as (level, threshold), None unless it is a point of one of these panels."""
    name, threshold = value if isinstance(value, list) and len(value) == 2 else (None, None)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not math.isfinite(threshold):
        return None
    levels = [one.level for one in panels if one.name == name and np.any(one.curve.thresholds == threshold)]
    return (levels[0], float(threshold)) if levels else None


def _choose(key: str, panels: Sequence[Panel], on_choose: Callable[[str, float], None]) -> None:
    choice = chosen(st.session_state[key].chosen, panels)
    if choice:
        on_choose(*choice)
