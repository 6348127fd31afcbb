"""Tables of runs on the terminal and as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from patchcore_core.cli.tables.csv_file import csv_of
from patchcore_core.cli.tables.rows import Row
from patchcore_core.cli.tables.runs import run_table, shared_line
from patchcore_core.config import PatchCoreConfig
from patchcore_core.reviews.run_labels import RunLabels
from patchcore_core.runs.record import Run

FIGURES = {"image_auroc": 0.9, "pixel_auroc": 0.8, "pixel_auroc_anomalous": 0.7, "aupro": 0.5, "image_f1_max": 0.25}
ROWS = [
    Row("bottle", metrics=FIGURES, intervals={"image_auroc": (0.8, 0.95)}, seconds=10.0, run="a", note="existing run"),
    Row("=cable", metrics={**FIGURES, "image_auroc": 0.5, "pixel_auroc": None}, seconds=2.5, run="b"),
    Row("screw", status="failed", note="failed"),
]


def test_a_row_for_each_run_with_its_intervals_and_the_mean_below() -> None:
    assert run_table(ROWS) == [
        "Category   Image AUROC         Pixel AUROC  AUPRO  Seconds  Run  Note",
        "bottle     0.900 [0.80, 0.95]  0.800        0.500     10.0  a    existing run",
        "=cable     0.500               —            0.500      2.5  b",
        "screw                                                            failed",
        "mean of 2  0.700               —            0.500      6.2       without screw",
        "no mean where a category lacks the figure: Pixel AUROC",
    ]


def test_labels_are_columns_of_runs_that_are_listed() -> None:
    labels = RunLabels(1, "a", "=Line 3", "lamp, red", "seen\r\nby Ann", 1, 0, "Ann", "")
    rows = [replace(ROWS[0], labels=labels), replace(ROWS[1], labels=RunLabels())]
    found = list(csv.DictReader(io.StringIO(csv_of(rows).decode(), newline="")))
    assert [[row[name] for name in ("name", "tags", "note", "star", "archived")] for row in found] == [
        ["'=Line 3", "lamp, red", "seen\r\nby Ann", "1", "0"], ["", "", "", "0", "0"], [""] * 5]  # the mean has none
    plain = list(csv.DictReader(io.StringIO(csv_of(ROWS).decode())))
    assert [*found[0]] == [*[*plain[0]][:5], "name", "tags", "note", "star", "archived", *[*plain[0]][5:]]


def test_seconds_of_runs_that_share_work_are_explained() -> None:
    run = Run(id="a", status="finished", category="tile", dataset="", config=PatchCoreConfig(), folder=Path())
    assert shared_line([run, run]) == []
    assert shared_line([run, replace(run, shortened=("coreset",)), replace(run, shortened=("predict",))]) == [
        "the seconds of 2 of 3 runs, and means of them, are less than those of a fit alone: what fits share is in the "
        "seconds of the first of them"]  # fmt: skip


def test_all_shows_every_figure() -> None:
    titles = run_table(ROWS, every=True)[0]
    assert "Image F1-max" in titles
    assert "AUPRO (FPR ≤ 0.3)" in titles


def test_a_csv_file_begins_with_the_columns_of_the_reference_implementation_and_ends_with_the_mean() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(ROWS).decode())))
    names = list(rows[0])
    assert names[:4] == ["Row Names", "instance_auroc", "full_pixel_auroc", "anomaly_pixel_auroc"]
    assert [row["Row Names"] for row in rows] == ["bottle", "'=cable", "Mean"]
    assert [row["instance_auroc"] for row in rows] == ["0.9", "0.5", "0.7"]
    assert [row["full_pixel_auroc"] for row in rows] == ["0.8", "", ""]
    assert [row["anomaly_pixel_auroc"] for row in rows] == ["0.7"] * 3
    assert [(row["image_auroc_low"], row["image_auroc_high"]) for row in rows] == [("0.8", "0.95"), ("", ""), ("", "")]
    assert [row["image_f1_max"] for row in rows] == ["0.25"] * 3
    assert "aupro_low" not in names
