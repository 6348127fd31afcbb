"""Tables of a few runs side by side, to take away."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patchcore_core.evaluation.statistics.compare import compare_auroc, compare_figure
from patchcore_core.evaluation.statistics.differences import Spread, rank_runs
from patchcore_core.views.comparison import side_tables

RUNS, IDS = ["A · 1 %", "B · 10 %"], ["run-a", "run-b"]


def test_figures_have_their_ends_and_their_difference_to_the_first_run() -> None:
    auroc, seconds = compare_figure("image_auroc", [0.9, 0.95]), compare_figure("Total time", [3.0, math.nan])
    auroc_row, time_row, ids = side_tables.figure_rows(
        [("Image AUROC", auroc, [(0.8, 0.97), (0.9, 1.0)]), ("Total time, s", seconds, ())], RUNS, IDS)
    assert auroc_row == {"figure": "Image AUROC", "A · 1 %": 0.9, "A · 1 %, low": 0.8, "A · 1 %, high": 0.97,
                         "B · 10 %": 0.95, "B · 10 %, low": 0.9, "B · 10 %, high": 1.0,
                         "B · 10 %, difference": pytest.approx(0.05)}
    assert (time_row["A · 1 %"], time_row["A · 1 %, low"]) == (3.0, None)
    assert math.isnan(time_row["B · 10 %, difference"])
    assert ids == {"figure": "run", "A · 1 %": "run-a", "B · 10 %": "run-b"}


def test_settings_name_the_runs() -> None:
    assert side_tables.setting_rows({"coreset_ratio": ["1 %", "10 %"]}, RUNS, IDS) == [
        {"setting": "coreset_ratio", "A · 1 %": "1 %", "B · 10 %": "10 %"},
        {"setting": "run", "A · 1 %": "run-a", "B · 10 %": "run-b"}]


def test_tests_name_the_pair_and_why_one_was_not_possible() -> None:
    labels, scores = np.array([0, 0, 0, 1, 1, 1]), np.array([[1, 2, 5, 3, 4, 6], [1, 2, 3, 4, 5, 6.0]])
    (row,) = side_tables.tested_rows(compare_auroc(labels, scores), "Image AUROC", 6, IDS)
    assert (row["first"], row["second"], row["images"]) == ("run-a", "run-b", 6)
    assert (row["of the first"], row["of the second"]) == (pytest.approx(7 / 9), 1.0)  # 7 of 9 pairs in order
    assert row["difference"] == pytest.approx(2 / 9)
    (alike,) = side_tables.tested_rows(compare_auroc(labels, scores[[1, 1]]), "Image AUROC", 6, IDS)
    assert "same way" in alike["not tested, since"]


def test_repeated_seeds_name_their_runs() -> None:
    (row,) = side_tables.seed_rows({"A, B": {"AUPRO": Spread(0.9, 0.01, 3)}}, IDS)
    assert row == {"runs": "A, B", "ids": "run-a, run-b", "AUPRO, mean": 0.9, "AUPRO, sd": 0.01, "AUPRO, seeds": 3}


def test_ranks_stand_beside_the_figures_of_the_categories() -> None:
    values = np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4]])
    rows = side_tables.rank_rows(values, ["tile", "wood"], ["1 %", "5 %", "10 %"], rank_runs(values))
    assert rows[0] == {"configuration": "1 %", "category tile": 0.9, "category wood": 0.6, "average rank": 1.0}
    assert [row["average rank"] for row in rows] == [1.0, 2.0, 3.0]


def test_images_say_what_each_run_predicts() -> None:
    rows = side_tables.image_rows(
        ["a", "b", "c"], ["good", "hole", ""], np.array([0, 1, -1]), np.array([[1.0, 2.0, 3.0], [7.0, 5.0, 4.0]]),
        [2.0, 6.0], np.array([0.5, 1.0, 1.5]), IDS, [2, 0, 1])
    assert [row["image"] for row in rows] == ["c", "a", "b"]
    assert [row["label"] for row in rows] == ["unknown", "good", "defective"]
    assert [row["A"] for row in rows] == ["defective", "true negative", "true positive"]  # at or above 2
    assert [row["B"] for row in rows] == ["good", "false alarm (FP)", "missed defect (FN)"]
    assert (rows[1]["B, score"], rows[1]["B, threshold"], rows[1]["B, run"]) == (7.0, 6.0, "run-b")
    assert rows[0]["disagreement"] == 1.5
