"""Runs and their means as a CSV file."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from patchcore_core.cli.tables.rows import Row, defined, figures_in, means
from patchcore_core.data.images import shown
from patchcore_core.errors import StoreError
from patchcore_core.exports.table import csv_bytes
from patchcore_core.reviews.run_labels import LABELS
from patchcore_core.runs.files import write_bytes, writing

REFERENCE = {  # columns of results.csv as patchcore-inspection writes them, after "Row Names"
    "instance_auroc": "image_auroc",
    "full_pixel_auroc": "pixel_auroc",
    "anomaly_pixel_auroc": "pixel_auroc_anomalous",
}


def refuse_existing(args: argparse.Namespace) -> None:
    """StoreError for a file of --csv that is there already or cannot be written, before anything is computed."""
    if not args.csv:
        return
    place = Path(args.csv)
    if os.path.lexists(place):
        raise StoreError(f"{shown(place)}: exists already, and nothing is overwritten; name another file")
    if not place.absolute().parent.is_dir():
        raise StoreError(f"{shown(place)}: cannot be written, for there is no folder {shown(place.absolute().parent)}")


def write_csv(args: argparse.Namespace, rows: Sequence[Row]) -> None:
    """Write the rows and their means where --csv says, if it does."""
    if not args.csv:
        return
    refuse_existing(args)
    place = Path(args.csv)
    with writing(place):
        write_bytes(place, csv_of(rows))


def csv_of(rows: Sequence[Row]) -> bytes:
    """The rows and the means over categories: the columns of the reference implementation's results.csv first, then
    ours, with the labels of runs that are listed, and the ends of intervals as `_low` and `_high`."""
    names, averages = figures_in(rows), means(rows)
    with_interval = {name for row in rows for name in row.intervals}
    labels = LABELS if any(row.labels for row in rows) else ()
    every = [*((row, row.category) for row in rows if row.finished), *((mean, "Mean") for mean in averages)]
    return csv_bytes([_values(row, name, labels, names, with_interval) for row, name in every],
                     [*_values(Row(""), "", labels, names, with_interval)])  # fmt: skip


def _values(
    row: Row, name: str, labels: Sequence[str], names: Sequence[str], with_interval: set[str]
) -> dict[str, Any]:
    values: dict[str, Any] = {"Row Names": name}
    values |= {title: defined(row.metrics.get(figure)) for title, figure in REFERENCE.items()}
    values |= {"run": row.run, **{label: getattr(row.labels, label, None) for label in labels},
               "settings": row.apart, "seconds": row.seconds}  # fmt: skip
    for figure in names:
        values[figure] = defined(row.metrics.get(figure))
        if figure in with_interval:
            low, high = row.intervals.get(figure) or (math.nan, math.nan)
            values |= {f"{figure}_low": low, f"{figure}_high": high}
    return values
