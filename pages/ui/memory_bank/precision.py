"""Bytes of the bank as float32, float16 and int8, and what each loses."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.format import number, size
from pages.ui.markdown import plain
from pages.ui.memory_bank.data import Scale
from pages.ui.memory_bank.requests import on_request, photos_of
from patchcore_core.fitting.bank.precision import IMAGES, Precisions, measure


def draw(scale: Scale) -> None:
    """The table of sizes, with losses once they are measured."""
    st.subheader("Size and precision", anchor=False)
    run, (rows, values) = scale.run, scale.rows.patches.shape
    sizes = {"float32": 4 * rows * values, "float16": 2 * rows * values, "int8": (rows + 8) * values}
    st.markdown(" · ".join(f"{name} **{size(count)}**" + " (this bank)" * (name == str(scale.rows.patches.dtype))
                           for name, count in sizes.items()))  # fmt: skip
    tested = min(IMAGES, len(cache.load_images(run)))
    if not tested:
        st.caption("A loss is measured on test images, and this run has none.")
        return
    found = on_request(run, "precision", "Measure the losses", lambda model, report: measure(
        photos_of(model, run), cache.store(), report),
                       about=f"{tested} test images are scored by the same rows as float32, float16 and int8.")
    if found is not None:
        st.dataframe(table(found), hide_index=True, column_config=_columns(found), placeholder="—",
                     alt="Size and loss of the bank in each precision")
        _notes(found)


def table(found: Precisions) -> pd.DataFrame:
    """One row a precision."""
    best = found.rows[0].auroc
    return pd.DataFrame([{
        "dtype": f"{row.dtype} (this bank)" if row.dtype == found.stored else row.dtype,
        "bytes": size(row.bytes), "auroc": row.auroc,
        "change": "baseline" if row is found.rows[0] else _signed(row.auroc - best),
        "median": row.median_change, "largest": row.largest_change,
    } for row in found.rows])  # fmt: skip


def _signed(change: float) -> str:
    return "—" if math.isnan(change) else f"{change:+.4f}"


def _notes(found: Precisions) -> None:
    words = [f"Measured on {found.images} test images. Changes are against {found.rows[0].dtype}; int8 has a step and "
             "an offset for each value. Scores are computed in float32 in each case."]
    if found.lacking:
        words.append(f"float32 could not be measured: {plain(found.lacking)}.")
    if found.missing:
        path, cause = found.missing[0]
        words.append(f"{len(found.missing)} test photos are left out; the first, {plain(path)}: {plain(cause)}.")
    if math.isnan(found.rows[0].auroc):
        words.append(f"Image AUROC is {number(math.nan)}: it takes good and defective test images.")
    for sentence in words:
        st.caption(sentence)


def _columns(found: Precisions) -> dict[str, Any]:
    column, best = st.column_config, found.rows[0].dtype
    return {
        "dtype": column.TextColumn("Stored as"),
        "bytes": column.TextColumn("Size", width="small"),
        "auroc": column.NumberColumn("Image AUROC", format="%.4f", width="small"),
        "change": column.TextColumn("Change", width="small", help=f"Of Image AUROC, against {best}"),
        "median": column.NumberColumn("Median change of score", format="percent",
                                      help=f"Of the image score, in parts of it, against {best}"),
        "largest": column.NumberColumn("Largest change", format="percent"),
    }
