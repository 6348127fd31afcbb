"""Fit: choose images and settings, see the forecast, start jobs and follow them."""

from __future__ import annotations

from itertools import product

import streamlit as st

from pages.ui import cache, states
from pages.ui.access import why_unchanged
from pages.ui.fit import bar as fit_bar
from pages.ui.fit import existing
from pages.ui.fit import plan as fit_plan
from pages.ui.fit.dataset_picker import pick_datasets
from pages.ui.fit.exclude import leave_out
from pages.ui.fit.form import Grid, pick_configurations
from pages.ui.fit.start import draw_started, start
from pages.ui.frame import page_header
from pages.ui.markdown import plain
from patchcore_core.errors import PatchCoreError
from patchcore_core.runs.presence import refuse_if_gone


def main() -> None:
    """The whole page."""
    page_header("Fit", "Fit a memory bank of good parts, one per category and configuration.")
    with states.errors_in_place():
        refuse_if_gone(cache.store().root)
    if words := why_unchanged("No fit can be started, and no folder is listed"):
        st.info(plain(f"{words}."), icon=":material/lock:")
        draw_started()
        return
    left, right = st.columns([5, 6], gap="medium")
    with left, states.errors_in_place():
        datasets = leave_out(pick_datasets())
    with right:
        grid = pick_configurations()
    plan = list(product(datasets, grid.configs))
    if plan:
        draw_plan(plan, grid)
    draw_started()


def draw_plan(plan: fit_plan.Plan, grid: Grid) -> None:
    """Which of the chosen runs exist, which cannot work, their forecast, and the bar with the button that starts them.
    """
    try:
        sifted = fit_plan.sift(plan)
        found = existing.existing(sifted.plan)
    except PatchCoreError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    existing.say(found)
    agreed = fit_plan.agree([*grid.impossible, *sifted.impossible], len(sifted.plan), grid.repeated)
    fit_plan.draw(sifted.plan, sifted.costs)
    if fit_bar.draw(sifted.plan, sifted.costs, found, agreed):
        start(sifted.plan)


main()
