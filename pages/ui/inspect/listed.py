"""Inspect: the list of results, NG first, with counts and filters by prediction."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui.inspect import export
from pages.ui.inspect.scores import NG, NONE, OK, STATES, ZONE, Item, Thresholds, prediction_of
from patchcore_core.runs.store import Run

ALL = "all"
HEIGHT = 420  # pixels of a long list
_CHOSEN = "inspect_chosen"  # in the session: the content key of the image that was looked at
COLUMNS = {
    "photo": st.column_config.ImageColumn(width="small"),
    "image": st.column_config.TextColumn(width="large"),
    "score": st.column_config.NumberColumn(format="%.3f"),
    "margin": st.column_config.NumberColumn(format="%.1f %%"),
}


def ranked(items: Sequence[Item], thresholds: Thresholds) -> list[Item]:
    """In the order of `STATES`, NG first, the highest score of each first."""
    return sorted(items, key=lambda item: (STATES.index(item.state(thresholds)), -item.brief.image_score))


def choose(run: Run, items: Sequence[Item], thresholds: Thresholds) -> Item | None:
    """The only image, or the one chosen from the list; None where the filter leaves none."""
    if len(items) == 1:
        return items[0]
    items = _filtered(ranked(items, thresholds), thresholds)
    if not items:
        st.caption("No image of this prediction.")
        return None
    shown = table(run, items, thresholds)
    row = _selected(shown, items)
    export.buttons(run, items, thresholds, shown.drop(columns="photo"))
    return items[row]


def table(run: Run, items: Sequence[Item], thresholds: Thresholds) -> pd.DataFrame:
    """One row for each image, in this order."""
    predictions = [prediction_of(run, item, thresholds.image) for item in items]
    found = pd.DataFrame({
        "photo": [item.brief.thumbnail for item in items],
        "image": [item.upload.title for item in items],
        "prediction": [item.state(thresholds) for item in items],
        "score": [item.brief.image_score for item in items],
        "margin": [prediction.margin * 100 for prediction in predictions],
        "size": [f"{item.brief.width} x {item.brief.height}" for item in items],
        "note": [item.brief.note for item in items],
    })
    return found if found["note"].any() else found.drop(columns="note")


def _filtered(items: Sequence[Item], thresholds: Thresholds) -> list[Item]:
    states = [item.state(thresholds) for item in items]
    if set(states) == {NONE}:
        return list(items)
    counts = {ALL: len(items), **{name: states.count(name) for name in STATES}}
    zone = thresholds.review_from is not None
    offered = [ALL, *(name for name in STATES if counts[name] or name in (NG, OK) or (name == ZONE and zone))]
    if st.session_state.get("inspect_show", ALL) not in offered:
        st.session_state["inspect_show"] = ALL
    which = st.segmented_control("Show", offered, default=ALL, required=True, key="inspect_show",
                                 label_visibility="collapsed", format_func=lambda name: f"{name} {counts[name]}")
    return [item for item, one in zip(items, states, strict=True) if which in (ALL, one)]


def _selected(shown: pd.DataFrame, items: Sequence[Item]) -> int:
    """The row that is chosen; in another list it is that of the same image, else the first."""
    keys = [item.upload.key for item in items]
    before = st.session_state.get(_CHOSEN)
    usual = keys.index(before) if before in keys else 0
    which = zlib.crc32("".join(keys).encode())
    event = st.dataframe(shown, key=f"inspect_list_{which}", hide_index=True, on_select="rerun",
                         selection_mode="single-row-required", alt="Scores and predictions of the images",
                         selection_default={"selection": {"rows": [usual], "columns": [], "cells": []}},
                         row_height=52, column_config=COLUMNS, height="content" if len(items) <= 6 else HEIGHT)
    row = min(event.selection.rows[0] if event.selection.rows else 0, len(items) - 1)
    st.session_state[_CHOSEN] = keys[row]
    return row
