"""The thresholds that runs are used with, for pages: what reviewers chose, else the runs' own."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui import cache
from pages.ui.markdown import plain
from patchcore_core.errors import StoreError
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds, ChosenThresholdsOf
from patchcore_core.reviews.in_use import InUse, in_use, with_chosen
from patchcore_core.runs.store import Run

Choices = Mapping[str, ChosenThresholds]


def choices() -> Choices:
    """What is chosen for each run of the store now; draws a warning where that cannot be read."""
    try:
        return ChosenThresholdsOf(cache.store().root).all()
    except StoreError as error:
        st.warning(plain(f"{error}; the runs' own thresholds are used"), icon=":material/error:")
        return {}


def chosen(run: Run, among: Choices) -> ChosenThresholds:
    """What is chosen for the run; empty where nothing is."""
    return among.get(run.id, ChosenThresholds(run=run.id))


def said(used: InUse) -> str:
    """`InUse.sentence` as Markdown: `Threshold 21.400, chosen by Kim on 2026-05-03; held-out rule: 24.000.`"""
    sentence = plain(used.sentence)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def with_found(run: Run, among: Choices) -> Run:
    """The run with what its threshold in use finds, and a valid interval of image AUROC."""
    run, own = cache.with_found(run), chosen(run, among)
    if not in_use(run, own).chosen:
        return run
    try:
        return _with_chosen(run, own)
    except StoreError:  # the page that reads the run says why
        return run


@cache.of_run(max_entries=1000)
def _with_chosen(run: Run, own: ChosenThresholds) -> Run:
    return with_chosen(cache.store(), run, own)
