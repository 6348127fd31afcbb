"""Inspect: the listed results as a CSV file, and the pictures that `score` draws as a ZIP file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import streamlit as st

from pages.ui.inspect.result import pictures_of
from pages.ui.inspect.scores import Item, Thresholds
from patchcore_core.exports.archive import zipped
from patchcore_core.exports.names import unique
from patchcore_core.exports.pictures import ENDINGS, PNGS
from patchcore_core.exports.table import csv_bytes
from patchcore_core.runs.store import Run

MOST_PIXELS = 150_000_000  # of all photos of a ZIP, which is made in memory


def buttons(run: Run, items: Sequence[Item], thresholds: Thresholds, table: pd.DataFrame) -> None:
    """Both downloads of the images listed."""
    rows = table.assign(threshold=thresholds.image, pixel_threshold=thresholds.pixel, run=run.id)
    st.download_button("Scores as CSV", lambda: csv(rows), "scores.csv", "text/csv",
                       on_click="ignore", icon=":material/download:")
    pixels = sum(item.result.width * item.result.height for item in items)
    st.download_button("Pictures as ZIP", lambda: pictures(run, items, thresholds, rows), f"{run.id}.zip",
                       "application/zip", on_click="ignore", icon=":material/folder_zip:",
                       disabled=pixels > MOST_PIXELS,
                       help="Anomaly map, overlay and mask of each image listed, and the scores as CSV." if
                       pixels <= MOST_PIXELS else f"More than {MOST_PIXELS // 1_000_000} million pixels: "
                       "`python -m patchcore_core score` writes any number of pictures.")


def csv(table: pd.DataFrame) -> bytes:
    """The table as a CSV file in which no spreadsheet takes text for a formula."""
    return csv_bytes(table.to_dict("records"), list(table))


def pictures(run: Run, items: Sequence[Item], thresholds: Thresholds, table: pd.DataFrame) -> bytes:
    """A ZIP with the scores and the pictures of each image, in folders named as the images' own.

    An image that can no longer be read is named in `left_out.txt`.
    """
    def files(number: int) -> Iterator[tuple[str, bytes]]:
        made = pictures_of(run, items[number], thresholds.pixel)
        return ((ENDINGS[kind], made.file(kind)) for kind in made.kinds if kind in PNGS)

    places = unique([item.upload.place for item in items])
    return b"".join(zipped(table.to_dict("records"), places, files))
