"""Compare: two or more runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan

import streamlit as st

from pages.ui.compare import curves as compare_curves
from pages.ui.compare import figures as compare_figures
from pages.ui.compare import images as compare_images
from pages.ui.compare import runs as compare_runs
from pages.ui.compare import statistics as compare_statistics
from pages.ui.frame import page_header
from pages.ui.states import errors_in_place
from pages.ui.threshold_names import label_of
from pages.ui.used_thresholds import choices, chosen, said, with_found
from patchcore_core.evaluation.explain import explain_threshold
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.reviews.in_use import InUse, in_use
from patchcore_core.runs.store import Run

IN_USE = "in_use"  # in place of a rule: what each run is used with
RULES = ("heldout_p99", "good_p99", "good_max", "f1_max", "youden")


def main() -> None:
    page_header("Compare", "Two or more runs side by side: figures, settings, curves and image differences.")
    with errors_in_place():
        runs = compare_runs.choose_runs()
    names = compare_runs.names_of(runs)
    compare_runs.run_cards(runs)
    with errors_in_place(*runs):
        _compare(runs, names)


def _compare(runs: Sequence[Run], names: Sequence[str]) -> None:
    shared = compare_runs.shared_images(runs)
    among = choices()
    used = [in_use(run, chosen(run, among)) for run in runs]
    warning = compare_runs.comparability(runs, shared)
    if warning:
        st.warning(warning, icon=":material/difference:")
    grid = st.grid(2, min_column_width=480, gap="large")
    with grid.cell():
        st.subheader("Figures", anchor=False)
        compare_figures.figures([with_found(run, among) for run in runs], same_photos=bool(shared.names))
        _say_chosen(used)
    with grid.cell():
        st.subheader("Settings that differ", anchor=False)
        compare_figures.settings_that_differ(runs)
        st.subheader("Recall per defect type", anchor=False)
        thresholds = _thresholds(runs, used)
        compare_figures.recall(runs, names, thresholds)
    compare_statistics.statistics(runs, names, shared)
    st.subheader("Curves", anchor=False)
    compare_runs.colour_key(names)
    compare_curves.curves(runs, names, thresholds)
    st.subheader("Image differences", anchor=False)
    if shared.names:
        st.fragment(compare_images.images)(runs, names, shared, thresholds)
    else:
        st.caption("The runs share no test photo.")


def _say_chosen(used: Sequence[InUse]) -> None:
    """Which runs have a threshold that reviewers chose, so that it counts in their figures."""
    for letter, one in zip(compare_runs.LETTERS, used, strict=False):
        if one.chosen:
            st.caption(f"Recall and false alarms of {letter}: {said(one)}")


def _thresholds(runs: Sequence[Run], used: Sequence[InUse]) -> list[float]:
    """The threshold of each run by one method, also used for the curves and images below: where reviewers chose one,
    by default the one that each run is used with."""
    common = {name: runs[0].thresholds[name] for name in set.intersection(*(set(run.thresholds) for run in runs))}
    usual = next((rule for rule in map(default_rule, (common, *(run.thresholds for run in runs))) if rule), "good_p99")
    available = [rule for rule in RULES if any(isfinite(run.thresholds.get(rule, nan)) for run in runs)] or [usual]
    if any(one.chosen for one in used):
        usual, available = IN_USE, [IN_USE, *available]
    rule = st.segmented_control("Threshold method", available, default=usual, required=True, key="rule",
                                format_func=lambda name: "in use" if name == IN_USE else label_of(name),
                                bind="query-params")
    if rule != IN_USE:
        st.caption(explain_threshold(rule))
        return [run.thresholds.get(rule, nan) for run in runs]
    for letter, one in zip(compare_runs.LETTERS, used, strict=False):
        st.caption(f"{letter}: {said(one)}")
    return [one.value for one in used]


main()
