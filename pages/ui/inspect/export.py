"""Inspect: the listed results as a CSV file, and the pictures that `score` draws as a ZIP file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui.inspect.result import files
from pages.ui.inspect.scores import Item, Thresholds
from patchcore_core.errors import DataError
from patchcore_core.runs.files import for_spreadsheet
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
    return table.map(lambda value: for_spreadsheet(value) if isinstance(value, str) else value) \
        .to_csv(index=False).encode()


def pictures(run: Run, items: Sequence[Item], thresholds: Thresholds, table: pd.DataFrame) -> bytes:
    """A ZIP with the scores and the pictures of each image, in folders named as the images' own.

    An image that can no longer be read is named in `unread.txt`.
    """
    out, unread = io.BytesIO(), list[str]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # pictures are compressed already
        archive.writestr("scores.csv", csv(table.assign(pictures=places(items))))
        for item, place in zip(items, places(items), strict=True):
            try:
                for file in files(run, item, thresholds.pixel):
                    if file.name.endswith(".png"):
                        archive.writestr(place + file.name.removeprefix(item.upload.stem), file.make())
            except DataError as error:
                unread.append(str(error))
        if unread:
            archive.writestr("unread.txt", "\n".join(unread) + "\n")
    return out.getvalue()


def places(items: Sequence[Item]) -> list[str]:
    """Folder and stem of each image, numbered where several share one (ignoring case)."""
    taken: set[str] = set()
    found = []
    for item in items:
        names = (item.upload.place, *(f"{item.upload.place}-{number}" for number in range(2, len(items) + 2)))
        found.append(next(name for name in names if name.casefold() not in taken))
        taken.add(found[-1].casefold())
    return found
