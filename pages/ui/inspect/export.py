"""Inspect: the listed results to take away: scores as CSV, regions as COCO, pictures as a ZIP made while it is fetched.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from pages.ui.inspect.result import pictures_of, regions_of
from pages.ui.inspect.scores import Item, Thresholds
from pages.ui.media.downloads import Made, offer, offered
from patchcore_core.errors import DataError
from patchcore_core.exports.archive import zipped
from patchcore_core.exports.coco import FILE, Coco
from patchcore_core.exports.names import unique
from patchcore_core.exports.pictures import ENDINGS, PNGS, Pictures
from patchcore_core.exports.table import csv_bytes
from patchcore_core.runs.store import Run

_BOARD = "inspect_board"  # in the session, and gone with it
GONE = "these results are gone with the session that had them; open the images again"


@dataclass(eq=False)
class Listing:
    """What is listed: images of a run, the thresholds, and the rows of the table."""

    run: Run
    items: Sequence[Item]
    thresholds: Thresholds
    rows: pd.DataFrame

    def coco(self) -> bytes:
        """The predicted regions of all images."""
        made = self.empty_coco()
        for item in self.items:
            self.note(made, item, regions_of(self.run, item, self.thresholds.pixel))
        return made.content()

    def empty_coco(self) -> Coco:
        """The COCO file before the first image."""
        return Coco(self.run, self.thresholds.image, self.thresholds.pixel)

    def note(self, coco: Coco, item: Item, drawn: Pictures, **about: str) -> None:
        """Add an image to a COCO file."""
        coco.add(item.upload.title, drawn, image_score=item.brief.image_score,
                 prediction=item.state(self.thresholds), unlike=item.brief.unlike, **about)  # fmt: skip


@dataclass(eq=False)
class Board:
    """What a session lists now, and the address at which its ZIP is offered."""

    listing: Listing | None = None
    address: str = ""


def buttons(run: Run, items: Sequence[Item], thresholds: Thresholds, table: pd.DataFrame) -> None:
    """The downloads of the images listed."""
    rows = table.assign(threshold=thresholds.image, pixel_threshold=thresholds.pixel, run=run.id)
    listing = Listing(run, items, thresholds, rows)
    with st.container(horizontal=True):
        st.download_button("Scores as CSV", lambda: csv(rows), "scores.csv", "text/csv",
                           on_click="ignore", icon=":material/download:")
        st.download_button("Regions as COCO", listing.coco, FILE, "application/json", on_click="ignore",
                           icon=":material/data_object:",
                           help="JSON with the predicted regions of each image: outline, area, box and score.")
        st.link_button("Pictures as ZIP", _address(listing), icon=":material/folder_zip:",
                       help="Anomaly map, overlay and mask of each image listed, with both other files.")


def csv(table: pd.DataFrame) -> bytes:
    """The table as a CSV file in which no spreadsheet takes text for a formula."""
    return csv_bytes(table.to_dict("records"), list(table))


def pictures(listing: Listing) -> Iterator[bytes]:
    """The bytes of a ZIP, piece by piece: the pictures of each image, in folders named as the images' own, then scores
    and regions.

    An image that can no longer be read is named in `left_out.txt`.
    """
    places, coco = unique([item.upload.place for item in listing.items]), listing.empty_coco()

    def files(number: int) -> Iterator[tuple[str, bytes]]:
        item = listing.items[number]
        made = pictures_of(listing.run, item, listing.thresholds.pixel)
        for kind in made.kinds:
            if kind in PNGS:
                yield ENDINGS[kind], made.file(kind)
        listing.note(coco, item, made, pictures=places[number])

    return zipped(listing.rows.to_dict("records"), places, files, lambda: [(FILE, coco.content())])


def _address(listing: Listing) -> str:
    """The address of the ZIP of what the session lists, the same as long as it is offered and the run is the same."""
    if _BOARD not in st.session_state:
        st.session_state[_BOARD] = Board()
    board: Board = st.session_state[_BOARD]
    before, board.listing = board.listing, listing
    if before is None or before.run.id != listing.run.id or not offered().get(board.address.rpartition("/")[2]):
        made = Made(f"{listing.run.id}.zip", "application/zip", partial(_of_board, weakref.ref(board)))
        board.address = offer(made)["address"]
    return board.address


def _of_board(board: weakref.ref[Board]) -> Iterator[bytes]:
    there = board()
    if there is None or there.listing is None:
        raise DataError(GONE)
    return pictures(there.listing)
