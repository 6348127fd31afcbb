"""Means over categories, against their values worked out by hand."""

from __future__ import annotations

import math

import pytest

from patchcore_core.cli.tables.rows import Row, means, of_record

ROWS = [
    Row("bottle", "seed=1", 1, {"image_auroc": 0.9, "aupro": 0.5}, seconds=10.0, run="a"),
    Row("bottle", "seed=2", 2, {"image_auroc": 0.8, "aupro": None}, seconds=20.0, run="b"),
    Row("cable", "seed=1", 1, {"image_auroc": 0.7, "aupro": 0.6}, seconds=30.0, run="c"),
    Row("cable", "seed=2", 2, {"image_auroc": 0.4, "aupro": 0.6}, seconds=40.0, run="d"),
    Row("screw", "seed=2", 2, status="failed"),
]


def test_each_configuration_has_its_mean_over_the_categories() -> None:
    first, second = means(ROWS)
    assert (first.category, first.apart, first.run, first.note) == ("mean of 2", "seed=1", "", "")
    assert first.metrics == {"image_auroc": pytest.approx(0.8), "aupro": pytest.approx(0.55)}
    assert first.seconds == 20.0
    assert (second.apart, second.note) == ("seed=2", "without screw")
    assert second.metrics["image_auroc"] == pytest.approx(0.6)
    assert math.isnan(second.metrics["aupro"])  # bottle has none


def test_of_a_category_with_several_such_runs_their_mean_counts() -> None:
    again = Row("bottle", "seed=1", 1, {"image_auroc": 0.7, "aupro": 0.7}, seconds=20.0, run="e")
    (mean,) = means([*ROWS[:1], again, ROWS[2]])
    assert mean.metrics == {"image_auroc": pytest.approx(0.75), "aupro": pytest.approx(0.6)}
    assert mean.category == "mean of 2"


def test_one_category_has_no_mean() -> None:
    assert means(ROWS[:2]) == []


def test_what_failed_and_what_was_left_out_are_rows_without_figures() -> None:
    failed = of_record({"run": None, "category": None, "error": "no such folder"})
    impossible = of_record({"run": None, "category": "tile", "settings": {"seed": 1}, "impossible": True, "error": "x"})
    assert [(row.category, row.apart, row.note, row.finished) for row in (failed, impossible)] == [
        ("", "", "failed", False), ("tile", "seed=1", "left out", False)]  # fmt: skip
