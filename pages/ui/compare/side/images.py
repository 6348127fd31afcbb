"""Compare: image differences, and any photo with the anomaly maps of all runs."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui.charts import chart
from pages.ui.compare.address import one_of
from pages.ui.compare.predicted import PredictedPhotos, predict_photos, take_photos
from pages.ui.compare.runs import Shared
from pages.ui.compare.side.viewer import viewer
from pages.ui.states import errors_in_place
from patchcore_core.evaluation.statistics.compare import agreement
from patchcore_core.runs.store import Run
from patchcore_core.views.compare_plots import score_against_score
from patchcore_core.views.comparison.side_tables import LETTERS, prediction_words

WHICH = {"disagree": "disagreements", "all": "all photos"}


def images(runs: Sequence[Run], names: Sequence[str], shared: Shared, thresholds: Sequence[float]) -> None:
    """The list of photos with the scores of two runs against each other, and the chosen photo in full."""
    with errors_in_place(*runs):
        _images(runs, names, shared, thresholds)


def _images(runs: Sequence[Run], names: Sequence[str], shared: Shared, thresholds: Sequence[float]) -> None:
    without = [letter for letter, threshold in zip(LETTERS, thresholds, strict=False) if math.isnan(threshold)]
    if without:
        st.info(f"Run {', '.join(without)} has no such threshold, so disagreements are unknown.")
        index: int | None = _choose_by_name(shared.names)
    else:
        index = _photos(runs, names, shared, thresholds)
    if index is not None:
        viewer(runs, shared.places[:, index], shared.names[index], thresholds)


def _photos(runs: Sequence[Run], names: Sequence[str], shared: Shared, thresholds: Sequence[float]) -> int | None:
    photos = predict_photos(runs, shared, thresholds)
    _agreement(photos, len(runs))
    grid = st.grid(2, min_column_width=480, gap="medium")
    with grid.cell():
        index = _choose(photos, runs, thresholds)
    with grid.cell():
        _scatter(photos, names, thresholds, index)
    return index


def _choose_by_name(names: Sequence[str]) -> int:
    wanted = st.query_params.get("image")
    name = st.selectbox("Photo", names, index=names.index(wanted) if wanted in names else 0, key="compare_photo")
    st.query_params["image"] = name
    return names.index(name)


def _agreement(photos: PredictedPhotos, count: int) -> None:
    votes = agreement(photos.labels, photos.predictions.defective)
    if not votes.known:
        st.caption("These photos have no labels, so it is unknown which run is correct.")
        return
    alone = " · ".join(f"only {LETTERS[run]} correct {votes.only_right[run]}" for run in range(count))
    st.markdown(f"{votes.known} labelled photos: all correct {votes.all_right} · {alone} · all wrong {votes.all_wrong}")


def _choose(photos: PredictedPhotos, runs: Sequence[Run], thresholds: Sequence[float]) -> int | None:
    """Draw the list; return the index of the chosen photo, which is kept in the address as ?image=."""
    wanted, count = _in_address(photos), len(runs)
    rows = _listed(photos, wanted)
    if not len(rows):
        st.caption("No disagreement at these thresholds.")
        return wanted
    place = int(np.flatnonzero(rows == wanted)[0]) if wanted in rows else 0
    event = st.dataframe(_table(photos, rows, count), key=f"compare_list_{zlib.crc32(rows.tobytes())}",
                         hide_index=True, on_select="rerun", selection_mode="single-row-required",
                         selection_default={"selection": {"rows": [place], "columns": [], "cells": []}},
                         column_config=_columns(count),
                         alt="Photos and the runs' predictions")
    take_photos(photos, runs, thresholds, rows.tolist(), "compare_photos")
    index = int(rows[event.selection.rows[0] if event.selection.rows else place])
    st.query_params["image"] = photos.names[index]
    return index


def _listed(photos: PredictedPhotos, wanted: int | None) -> np.ndarray:
    """The photos to list, strongest disagreement first; a photo named in the address is among them."""
    disagree = photos.predictions.disagree
    totals = {"disagree": int(disagree.sum()), "all": len(photos.names)}
    everything = not disagree.any() or (wanted is not None and not disagree[wanted])
    if everything and "which" not in st.query_params:  # so it stays when one is chosen on which they disagree
        st.query_params["which"] = "all"
    which = one_of("Photos", "which", {name: f"{words} ({totals[name]})" for name, words in WHICH.items()},
                   "all" if everything else "disagree", buttons=True)
    order = np.argsort(-photos.predictions.distance, kind="stable")
    return order[disagree[order]] if which == "disagree" else order


def _in_address(photos: PredictedPhotos) -> int | None:
    wanted = st.query_params.get("image")
    return photos.names.index(wanted) if wanted in photos.names else None


def _table(photos: PredictedPhotos, rows: np.ndarray, count: int) -> pd.DataFrame:
    table = {"photo": [photos.names[row] for row in rows], "type": photos.types[rows],
             "disagreement": photos.predictions.distance[rows] * 100}
    table |= {LETTERS[run]: prediction_words(photos.labels[rows], photos.predictions.defective[run, rows])
              for run in range(count)}
    table |= {f"score {LETTERS[run]}": photos.scores[run, rows] for run in range(count)}
    return pd.DataFrame(table)


def _columns(count: int) -> dict[str, Any]:
    told = "Spread of the runs' rank distances from their thresholds, as a percentage of all photos; independent of " \
           "the scale of the scores."
    columns: dict[str, Any] = {
        "photo": st.column_config.TextColumn(width="medium"),
        "disagreement": st.column_config.NumberColumn(format="%.0f %%", help=told, width="small"),
    }
    for letter in LETTERS[:count]:
        columns[f"score {letter}"] = st.column_config.NumberColumn(format="%.3f", width="small")
    return columns


def _scatter(photos: PredictedPhotos, names: Sequence[str], thresholds: Sequence[float], index: int | None) -> None:
    """Two runs against each other: A and a second one to choose."""
    other = 1
    if len(names) > 2:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("A against", width="content")
            letters = {letter: letter for letter in LETTERS[1:len(names)]}
            other = LETTERS.index(one_of("A against", "against", letters, buttons=True))
    pair = [0, other]
    figure = score_against_score(photos.scores[pair], (thresholds[0], thresholds[other]), photos.labels, photos.names,
                                 (names[0], names[other]), index)
    chart(figure, key="compare_scatter",
          alt="Scores of two runs against each other; the predictions differ in the shaded corners")
