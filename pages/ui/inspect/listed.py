"""Inspect: the list of results, NG first, with counts and filters."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui.inspect import export
from pages.ui.inspect.scores import NG, OK, ZONE, Item, Thresholds, prediction_of, state
from patchcore_core.runs.store import Run

ALL = "all"
HEIGHT = 420  # pixels of a long list
COLUMNS = {
    "photo": st.column_config.ImageColumn(width="small"),
    "image": st.column_config.TextColumn(width="large"),
    "score": st.column_config.NumberColumn(format="%.3f"),
    "margin": st.column_config.NumberColumn(format="%.1f %%"),
}


def ranked(items: Sequence[Item]) -> list[Item]:
    """Highest score first, so that NG comes before review zone and OK."""
    return sorted(items, key=lambda item: -item.result.image_score)


def choose(run: Run, items: Sequence[Item], thresholds: Thresholds) -> Item | None:
    """The only image, or the one chosen from the list; None where the filter leaves none."""
    if len(items) == 1:
        return items[0]
    items = _filtered(ranked(items), thresholds)
    if not items:
        st.caption("No image of this prediction.")
        return None
    shown = table(run, items, thresholds)
    row = _selected(shown, items)
    with st.container(horizontal=True):
        export.buttons(run, items, thresholds, shown.drop(columns="photo"))
    return items[row]


def table(run: Run, items: Sequence[Item], thresholds: Thresholds) -> pd.DataFrame:
    """One row for each image, in this order."""
    predictions = [prediction_of(run, item, thresholds.image) for item in items]
    return pd.DataFrame({
        "photo": [item.result.thumbnail for item in items],
        "image": [item.upload.title for item in items],
        "prediction": [_state(item, thresholds) for item in items],
        "score": [item.result.image_score for item in items],
        "margin": [prediction.margin * 100 for prediction in predictions],
        "size": [f"{item.result.width} x {item.result.height}" for item in items],
    })


def _filtered(items: Sequence[Item], thresholds: Thresholds) -> list[Item]:
    states = [_state(item, thresholds) for item in items]
    present = [name for name in (NG, ZONE, OK) if name in states]
    if not present:
        return list(items)
    counts = {ALL: len(items), **{name: states.count(name) for name in (NG, ZONE, OK)}}
    offered = [ALL, NG, *([ZONE] if thresholds.review_from is not None else []), OK]
    which = st.segmented_control("Show", offered, default=ALL, required=True, key="inspect_show",
                                 label_visibility="collapsed", format_func=lambda name: f"{name} {counts[name]}")
    return [item for item, one in zip(items, states, strict=True) if which in (ALL, one)]


def _selected(shown: pd.DataFrame, items: Sequence[Item]) -> int:
    """The row that is chosen; another list of images begins with its first."""
    which = zlib.crc32("".join(item.upload.key for item in items).encode())
    event = st.dataframe(shown, key=f"inspect_list_{which}", hide_index=True, on_select="rerun",
                         selection_mode="single-row-required", alt="Scores and predictions of the images",
                         selection_default={"selection": {"rows": [0], "columns": [], "cells": []}},
                         row_height=52, column_config=COLUMNS, height="content" if len(items) <= 6 else HEIGHT)
    row = event.selection.rows[0] if event.selection.rows else 0
    return min(row, len(items) - 1)


def _state(item: Item, thresholds: Thresholds) -> str:
    return state(item.result.image_score, thresholds.image, thresholds.review_from)
