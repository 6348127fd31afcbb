"""The columns of Overview's table: what is in them, how they are shown, and which are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui.format import interval, runs_table
from pages.ui.overview.listed import Listed, disk_of, picture
from patchcore_core.data.images import shown

FOUND = "Recall: defective test images at or above the threshold in use"
ALARMS = "False positive rate: good test images at or above the threshold in use"
BEST = ("Significantly best: its Image AUROC is higher than that of every other run of the category on the same photos "
        "(DeLong's test, p values corrected by Holm's method)")  # fmt: skip
RESAMPLED = "95 % interval"
FIRST = ("picture", "star", "category", "name", "best", "status", "warnings", "backbone", "layers", "coreset",
         "differs", "image_auroc", "image_auroc_interval", "image_recall", "image_false_alarm_rate", "threshold",
         "pixel_auroc", "pixel_auroc_interval", "aupro", "aupro_interval", "tags")  # fmt: skip
OPTIONAL = ("pixel_auroc_interval", "aupro_interval", "note", "sweep", "disk")
COLUMNS: dict[str, tuple[str, str]] = {  # those beside `runs_table`: label and help
    "picture": ("Photo", "One of the test images: of the defective ones that with the median score"),
    "star": ("★", "Marked with a star"), "name": ("Name", "What people call the run"), "best": ("Best", BEST),
    "tags": ("Tags", "Given by people"), "note": ("Note", "Given by people"),
    "image_auroc_interval": ("95 %", f"Image AUROC, {RESAMPLED}"),
    "pixel_auroc_interval": ("Pixel AUROC 95 %", f"Pixel AUROC, {RESAMPLED}"),
    "aupro_interval": ("AUPRO 95 %", f"AUPRO, {RESAMPLED}"),
    "sweep": ("Sweep", "The sweep that asked for the run"), "disk": ("Disk", "What the run takes on the disk"),
}


def table_of(runs: Sequence[Listed], more: Sequence[str] = ()) -> pd.DataFrame:
    """One row per run: the columns of `runs_table`, then those of `COLUMNS` that some run needs; the disk only where it
    is among `more`."""
    table = runs_table([one.run for one in runs], {one.run.id: one.used.short for one in runs if one.used})
    values: dict[str, list[Any]] = {
        "picture": [picture(one.run) for one in runs], "star": ["★" if one.labels.star else "" for one in runs],
        "name": [shown(one.labels.name) or None for one in runs],
        "best": ["best" if one.best else "" for one in runs],
        "tags": [list(map(shown, one.labels.tagged)) or None for one in runs],
        "note": [shown(one.labels.note) or None for one in runs],
        "sweep": [shown(one.run.sweep) or None for one in runs],
        "disk": [disk_of(one.run) if "disk" in more else None for one in runs],
    }  # fmt: skip
    for name in ("image_auroc", "pixel_auroc", "aupro"):
        values[f"{name}_interval"] = [interval(one.run.intervals.get(name)) or None for one in runs]
    needed = {name: held for name, held in values.items() if any(value not in (None, "") for value in held)}
    return table.assign(**{name: pd.Series(held, dtype=None if name == "disk" else "object", index=table.index)
                           for name, held in needed.items()})  # fmt: skip


def order_of(table: pd.DataFrame, more: Sequence[str]) -> list[str]:
    """The columns that are shown, in their order: the usual ones and `more`, some of `OPTIONAL`. That all runs are
    finished, and without warnings, takes no columns."""
    quiet = {"status"} if (table["status"] == "finished").all() else set()
    quiet |= set() if (table["warnings"] > 0).any() else {"warnings"}
    first = [name for name in FIRST if name in table and (name not in OPTIONAL or name in more) and name not in quiet]
    left_out = {*first, *quiet, *(name for name in OPTIONAL if name not in more)}
    return [*first, *(name for name in table if name not in left_out)]


def column_config() -> dict[str, Any]:
    """How each column is shown."""
    column = st.column_config
    label, words = COLUMNS["picture"]
    disk, disk_words = COLUMNS["disk"]
    return {
        "picture": column.ImageColumn(label, width=60, help=words),
        "star": _text("star", 35), "name": _text("name"), "best": _text("best", 60),
        "tags": column.ListColumn(COLUMNS["tags"][0], help=COLUMNS["tags"][1]),
        "note": _text("note", 200), "sweep": _text("sweep"),
        "disk": column.NumberColumn(disk, format="bytes", width="small", help=disk_words),
        **{f"{name}_interval": _text(f"{name}_interval", 100) for name in ("image_auroc", "pixel_auroc", "aupro")},
        **_of_runs_table(),
    }  # fmt: skip


def _text(name: str, width: int | None = None) -> Any:
    label, words = COLUMNS[name]
    return st.column_config.TextColumn(label, width=width, help=words)


def _of_runs_table() -> dict[str, Any]:
    """How the columns of `runs_table` are shown."""
    column = st.column_config
    return {
        "category": column.TextColumn("Category", pinned=True),
        "status": column.TextColumn("Status", width="small"),
        "warnings": column.NumberColumn("Warnings", format="%d", width="small",
                                        help="Warnings about data and figures; Review lists them"),
        "backbone": column.TextColumn("Backbone"),
        "layers": column.TextColumn("Layers"),
        "image_size": column.NumberColumn("Image size", format="%d px", width="small"),
        "scales": column.TextColumn("Scales, px", width="small",
                                    help="Image sizes with a memory bank each; Image size and Input are those of the "
                                         "combined maps"),
        "input": column.TextColumn("Input", width="small",
                                   help="Height x width of the network input, pixels"),
        "left_out": column.NumberColumn("Excluded", format="%d", width="small",
                                        help="Photos excluded from the fit on request; Review names them"),
        "taught": column.NumberColumn("Taught", format="%d", width="small",
                                      help="Photos added to the memory bank of an earlier run; Review names them"),
        "differs": column.TextColumn("Also differs", help="Other settings in which runs of a category differ, and an "
                                                         "unusual patch size or seed"),
        "tested": column.TextColumn("Test images", help="Figures need good and defective ones; without them the "
                                                        "threshold is that of held-out good images"),
        "threshold": column.TextColumn("Threshold", help="Image threshold in use and how it was set"),
        "coreset": column.NumberColumn("Coreset", format="%.4g %%", width="small"),
        "image_auroc": column.NumberColumn("Image AUROC", format="%.3f", width=105),
        "image_recall": column.NumberColumn("Recall", format="percent", width="small", help=FOUND),
        "image_false_alarm_rate": column.NumberColumn("False alarms", format="percent", width="small", help=ALARMS),
        "pixel_auroc": column.NumberColumn("Pixel AUROC", format="%.3f", width=100),
        "aupro": column.NumberColumn("AUPRO", format="%.3f", width=75, help="False positive rate up to 0.3"),
        "fit_seconds": column.NumberColumn("Fit time", format="%.1f s", width="small",
                                           help="Time to build the memory bank, without scoring the test images"),
        "bank_rows": column.NumberColumn("Bank rows", format="localized", width="small"),
        "bank_bytes": column.NumberColumn("Bank size", format="bytes", width="small"),
        "created": column.DatetimeColumn("Created", format="YYYY-MM-DD HH:mm"),
        "run": column.TextColumn("Run", width=260, help="Its folder in the store"),
    }
