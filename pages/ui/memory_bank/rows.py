"""Which training photos the rows come from, and which rows no test patch uses."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed, read_only
from pages.ui.frame import link_to
from pages.ui.memory_bank import data
from pages.ui.memory_bank.data import Scale
from pages.ui.memory_bank.requests import on_request, result_of
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError
from patchcore_core.fitting.bank.row_use import count_row_use
from patchcore_core.runs.bank.row_use import RowUse, unused
from patchcore_core.runs.store import Run
from patchcore_core.views.overlay import jpeg_bytes

LISTED = 24
ORDERS = {"most": "Most rows", "fewest": "Fewest rows", "unused": "Most unused rows"}


@dataclass(frozen=True)
class PerPhoto:
    """Rows of each training photo (N,), and how many of them are unused (None: unknown)."""

    rows: np.ndarray
    unused: np.ndarray | None

    @classmethod
    def of(cls, scale: Scale, counts: np.ndarray | None) -> PerPhoto:
        """From the use of each row (M,)."""
        rows = scale.rows.per_image(len(scale.paths))
        if counts is None or scale.rows.origin is None:
            return cls(rows, None)
        return cls(rows, np.bincount(scale.rows.origin[counts == 0, 0], minlength=len(scale.paths)))

    def order(self, by: str) -> np.ndarray:
        """Numbers of the photos, the first by this order of ORDERS first."""
        if by == "unused" and self.unused is not None:
            return np.argsort(-self.unused, kind="stable")
        return np.argsort(self.rows if by == "fewest" else -self.rows, kind="stable")


def use_of(run: Run) -> RowUse | None:
    """The use of the rows: as the run recorded it, or as it was counted on request."""
    kept = data.kept_use(run)
    if kept is not None:
        return kept
    counted: RowUse | None = result_of(run, "use")
    return counted


def draw_photos(scale: Scale, use: RowUse | None) -> None:
    """The training photos ranked by their rows."""
    st.subheader("Rows per training photo", anchor=False)
    found = PerPhoto.of(scale, None if use is None else use.scales[scale.number])
    known = [name for name in ORDERS if name != "unused" or found.unused is not None]
    by = st.segmented_control("Order", known, default="most", required=True, key="bank_order",
                              format_func=ORDERS.__getitem__, label_visibility="collapsed")
    st.dataframe(_table(scale, found, found.order(by)[:LISTED]), hide_index=True, row_height=56, height=430,
                 column_config=_columns(), placeholder="—", alt="Training photos by the number of their rows")
    st.caption(_summary(found))
    link_to("training_photos", "Which of these may not be good", icon=":material/image_search:", run=scale.run.id)


def _summary(found: PerPhoto) -> str:
    none, count = int((found.rows == 0).sum()), len(found.rows)
    words = f"{min(LISTED, count)} of {count:,} training photos are listed. " if count > LISTED else ""
    words += f"Median {np.median(found.rows):,.0f} rows, at most {found.rows.max():,}"
    return f"{words}; {none:,} photos gave no row." if none else f"{words}; every photo gave some."


def _table(scale: Scale, found: PerPhoto, photos: np.ndarray) -> pd.DataFrame:
    total = max(1, len(scale.rows))
    names = [scale.paths[photo] for photo in photos]
    table = pd.DataFrame({
        "photo": [_thumbnail(path) for path in names],
        "name": [shown(scale.name(path)) for path in names],
        "rows": found.rows[photos], "share": found.rows[photos] / total,
    })  # fmt: skip
    return table if found.unused is None else table.assign(unused=found.unused[photos])


def _thumbnail(path: str) -> str | None:
    try:
        picture = jpeg_bytes(np.asarray(cache.thumbnail(path, 96)))
    except DataError:
        return None
    return f"data:image/jpeg;base64,{b64encode(picture).decode('ascii')}"


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "photo": column.ImageColumn("Photo", width=72, help="Empty where the photo is gone or may not be read"),
        "name": column.TextColumn("Training photo", width="medium"),
        "rows": column.NumberColumn("Rows", format="localized", width="small"),
        "share": column.NumberColumn("Share", format="percent", width="small", help="Of all rows of the bank"),
        "unused": column.NumberColumn("Unused", format="localized", width="small",
                                      help="Rows that are near no patch of any test image"),
    }


def draw_use(scale: Scale, use: RowUse | None) -> None:
    """How many rows no test patch uses, in a sentence, or the button that counts."""
    st.subheader("Unused rows", anchor=False)
    run = scale.run
    if use is None:
        st.caption("This run did not count which rows its test patches use.")
        use = on_request(run, "use", "Count the use", lambda model, report: count_row_use(
            cache.store(), run, model, report, allowed),
            about="All test images are scored again" + (
                "." if read_only() else "; the counts are kept with the run."))  # fmt: skip
        if use is None:
            return
    st.markdown(sentence(use.scales[scale.number], use.images, run.config.num_neighbors))
    if use.images < len(cache.load_images(run)):
        st.caption(":orange[:material/difference: Photos that are gone or have changed since the run are not counted.]")


def sentence(counts: np.ndarray, images: int, k: int) -> str:
    """The unused rows and the most used one, as Markdown."""
    rows, none = len(counts), unused(counts)
    near = "nearest" if k == 1 else f"among the {k} nearest"
    return (f"**{none:,} of {rows:,} rows ({100 * none / rows:.3g} %)** are {near} of no patch of the {images:,} test "
            f"images. The most used row serves {counts.max():,} patches; half of all uses fall on "
            f"{_half(counts):,} rows.")


def _half(counts: np.ndarray) -> int:
    ordered = np.cumsum(np.sort(counts)[::-1])
    return int(np.searchsorted(ordered, ordered[-1] / 2) + 1)
