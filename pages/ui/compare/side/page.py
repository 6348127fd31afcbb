"""Compare: a few runs side by side: figures, settings, significance, curves, image differences."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.compare import runs as compare_runs
from pages.ui.compare.side import curves, figures, images, statistics
from pages.ui.compare.thresholds import choose_thresholds, say_chosen
from pages.ui.used_thresholds import choices, chosen, with_found
from patchcore_core.reviews.in_use import in_use
from patchcore_core.runs.store import Run


def draw(runs: Sequence[Run]) -> None:
    """The first few of these runs."""
    runs = compare_runs.first_few(runs)
    names = compare_runs.names_of(runs)
    compare_runs.run_cards(runs)
    shared = compare_runs.shared_images(runs)
    among = choices()
    used = [in_use(run, chosen(run, among)) for run in runs]
    warning = compare_runs.comparability(runs, shared)
    if warning:
        st.warning(warning, icon=":material/difference:")
    grid = st.grid(2, min_column_width=480, gap="large")
    with grid.cell():
        st.subheader("Figures", anchor=False)
        figures.figures([with_found(run, among) for run in runs], names, same_photos=bool(shared.names))
        say_chosen(used)
    with grid.cell():
        st.subheader("Settings that differ", anchor=False)
        figures.settings_that_differ(runs, names)
        st.subheader("Recall per defect type", anchor=False)
        thresholds = choose_thresholds(runs, used)
        figures.recall(runs, names, thresholds)
    statistics.statistics(runs, names, shared)
    st.subheader("Curves", anchor=False)
    compare_runs.colour_key(names)
    curves.curves(runs, names, thresholds)
    st.subheader("Image differences", anchor=False)
    if shared.names:
        st.fragment(images.images)(runs, names, shared, thresholds)
    else:
        st.caption("The runs share no test photo.")
