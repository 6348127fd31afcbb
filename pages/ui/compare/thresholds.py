"""Compare: the threshold of each run, by one method for all."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan

import streamlit as st

from pages.ui.threshold_names import label_of
from pages.ui.used_thresholds import said
from patchcore_core.evaluation.explain import explain_threshold
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.reviews.in_use import InUse
from patchcore_core.runs.store import Run
from patchcore_core.views.comparison.side_tables import LETTERS

IN_USE = "in_use"  # in place of a rule: what each run is used with
RULES = ("heldout_p99", "good_p99", "good_max", "f1_max", "youden")


def say_chosen(used: Sequence[InUse]) -> None:
    """Which runs have a threshold that reviewers chose, so that it counts in their figures."""
    for letter, one in zip(LETTERS, used, strict=False):
        if one.chosen:
            st.caption(f"Recall and false alarms of {letter}: {said(one)}")


def choose_thresholds(runs: Sequence[Run], used: Sequence[InUse]) -> list[float]:
    """The threshold of each run by one method: where reviewers chose one, by default the one that each run is used
    with. NaN where a run has none."""
    common = {name: runs[0].thresholds[name] for name in set.intersection(*(set(run.thresholds) for run in runs))}
    usual = next((rule for rule in map(default_rule, (common, *(run.thresholds for run in runs))) if rule), "good_p99")
    available = [rule for rule in RULES if any(isfinite(run.thresholds.get(rule, nan)) for run in runs)] or [usual]
    if any(one.chosen for one in used):
        usual, available = IN_USE, [IN_USE, *available]
    rule = st.segmented_control("Threshold method", available, default=usual, required=True, key="rule",
                                format_func=lambda name: "in use" if name == IN_USE else label_of(name),
                                bind="query-params", wrap=True)
    if rule != IN_USE:
        st.caption(explain_threshold(rule))
        return [run.thresholds.get(rule, nan) for run in runs]
    for letter, one in zip(LETTERS, used, strict=False):
        st.caption(f"{letter}: {said(one)}")
    return [one.value for one in used]
