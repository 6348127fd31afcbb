"""Which images are shown, from a table whose best and worst are plain to see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from patchcore_core.views.present.examples import best_and_worst, said_of

TABLE = pd.DataFrame({
    "path": list("abcdefgh"), "label": [1, 1, 1, 1, 0, 0, 0, 1],
    "defect_type": ["dent", "dent", "hole", "hole", "good", "good", "good", "hole"],
    "image_score": [9.0, 8.0, 7.0, 1.0, 6.0, 2.0, 5.5, np.nan],
})  # fmt: skip


def test_the_clearest_and_the_worst_by_turns():
    # found: dent 9, hole 7, dent 8; missed: hole 1; stopped: 6, 5.5; passes: 2
    assert best_and_worst(TABLE, 5.0) == [0, 3, 4, 5, 2, 6]
    assert best_and_worst(TABLE, 5.0, 3) == [0, 3, 4]


def test_without_a_threshold_the_ends_of_the_scores():
    assert best_and_worst(TABLE, np.nan, 4) == [0, 3, 1, 5]


def test_no_images():
    assert best_and_worst(TABLE.iloc[:0], 5.0) == []


@pytest.mark.parametrize(("row", "threshold", "heading", "part"), [
    (0, 5.0, "“dent”: found", "Score 9.0000; parts from 5.0000 up are stopped."),
    (3, 5.0, "“hole”: missed", "Score 1.0000"), (4, 5.0, "Good part: stopped by mistake", "Score 6.0000"),
    (5, 5.0, "Good part: let through, rightly", "Score 2.0000"), (0, np.nan, "“dent”", "no limit to compare it with"),
])  # fmt: skip
def test_what_is_said_of_an_example(row, threshold, heading, part):
    said = said_of(TABLE, row, threshold)
    assert said[0] == heading
    assert part in said[1]


def test_a_part_without_a_label_is_neither_right_nor_wrong():
    unknown = TABLE.assign(label=-1)
    assert said_of(unknown, 0, 5.0)[0] == "Part without a label: stopped"
    assert said_of(unknown, 5, 5.0)[0] == "Part without a label: let through"
