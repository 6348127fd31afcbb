"""Fit: what is chosen and the button that starts it, at the foot of the window."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from pages.ui.fit import existing
from pages.ui.fit.plan import Plan, seconds_together
from pages.ui.format import rough_size
from pages.ui.markdown import plain
from patchcore_core.fitting.forecast import Forecast
from patchcore_core.runs.store import Run
from patchcore_core.runs.time_left import rough
from patchcore_core.views.run_names import settings

MOST_RUNS = 500


def draw(plan: Plan, costs: Sequence[Forecast], found: Sequence[Run | None], agreed: bool = True) -> bool:
    """What is chosen and the button, at the foot of the window wherever the page is scrolled; whether it was pressed.
    It cannot be pressed before somebody has `agreed` to what is left out."""
    with st.bottom.container(horizontal=True, vertical_alignment="center", gap="medium"):
        known = all(found)
        missing = [number for number, run in enumerate(found) if run is None]
        pressed = st.button(existing.label(found), type="primary", disabled=len(plan) > MOST_RUNS or not agreed,
                            icon=":material/history:" if known else ":material/play_arrow:")
        st.caption(f"At most {MOST_RUNS} runs can be started at once." if len(plan) > MOST_RUNS else
                   " · ".join(chosen(plan, costs, missing)), width="stretch")
    return pressed


def chosen(plan: Plan, costs: Sequence[Forecast], missing: Sequence[int]) -> list[str]:
    """The choices in short, as Markdown: categories, preset, settings, and the forecast of those that are missing."""
    categories = list(dict.fromkeys(dataset.category for dataset, _ in plan))
    configs = list(dict.fromkeys(config for _, config in plan))
    more = f" and {len(categories) - 1} more" if len(categories) > 1 else ""
    images = sum({dataset.root: dataset.counts().train for dataset, _ in plan}.values())
    words = [f"**{plain(categories[0])}**{more}", f"{images:,} good images",
             f"preset {st.session_state.get('fit_preset', 'quick')}",
             plain(settings(configs[0])) if len(configs) == 1 else f"{len(configs)} configurations"]
    return [*words, *_price([plan[number] for number in missing], [costs[number] for number in missing])]


def _price(plan: Plan, costs: Sequence[Forecast]) -> list[str]:
    if not costs:
        return []
    total = seconds_together(plan, costs)
    time = "time not known yet" if math.isnan(total) else f"about {rough(total)}"
    return [time, f"{rough_size(max(cost.memory_bytes for cost in costs))} memory",
            f"{rough_size(sum(cost.disk_bytes for cost in costs))} disk"]
