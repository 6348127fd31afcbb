"""Fit: what is chosen and the button that starts it, at the foot of the window."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from pages.ui.fit import existing
from pages.ui.fit.plan import Plan
from pages.ui.format import rough_size
from pages.ui.markdown import plain
from patchcore_core.fitting.forecast import Forecast, together
from patchcore_core.runs.store import Run
from patchcore_core.runs.time_left import rough
from patchcore_core.views.run_names import settings

MOST_RUNS = 50


def draw(plan: Plan, costs: Sequence[Forecast], found: Sequence[Run | None]) -> bool:
    """What is chosen and the button, at the foot of the window wherever the page is scrolled; whether it was pressed.
    """
    with st.bottom.container(horizontal=True, vertical_alignment="center", gap="medium"):
        known = all(found)
        missing = [cost for cost, run in zip(costs, found, strict=True) if run is None]
        pressed = st.button(existing.label(found), type="primary", disabled=len(plan) > MOST_RUNS,
                            icon=":material/history:" if known else ":material/play_arrow:")
        st.caption(f"At most {MOST_RUNS} runs can be started at once." if len(plan) > MOST_RUNS else
                   " · ".join(chosen(plan, missing)), width="stretch")
    return pressed


def chosen(plan: Plan, costs: Sequence[Forecast]) -> list[str]:
    """The choices in short, as Markdown: categories, preset, settings, and the forecast where there is one."""
    categories = list(dict.fromkeys(dataset.category for dataset, _ in plan))
    configs = list(dict.fromkeys(config for _, config in plan))
    more = f" and {len(categories) - 1} more" if len(categories) > 1 else ""
    images = sum({dataset.root: dataset.counts().train for dataset, _ in plan}.values())
    words = [f"**{plain(categories[0])}**{more}", f"{images:,} good images",
             f"preset {st.session_state.get('fit_preset', 'quick')}",
             plain(settings(configs[0])) if len(configs) == 1 else f"{len(configs)} configurations"]
    return [*words, *_price(costs)]


def _price(costs: Sequence[Forecast]) -> list[str]:
    if not costs:
        return []
    total, sources = together(costs)
    time = f"about {rough(total)}" if sources and not math.isnan(total) else "time not known yet"
    return [time, f"{rough_size(max(cost.memory_bytes for cost in costs))} memory",
            f"{rough_size(sum(cost.disk_bytes for cost in costs))} disk"]
