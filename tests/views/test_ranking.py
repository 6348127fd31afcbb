"""Judging a table of images, the range of a threshold, and what comes before and after an image."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.views import ranking

IMAGES = pd.DataFrame({
    "path": ["e", "d", "c", "b", "a"],
    "label": [1, 1, 0, 0, -1],
    "defect_type": ["hole", "scratch", "good", "good", ""],
    "image_score": [0.9, 0.2, 0.6, 0.1, 0.55],
})


def test_each_image_is_judged_once():
    assert ranking.with_outcomes(IMAGES, 0.5)["outcome"].tolist() == ["TP", "FN", "FP", "TN", "?"]
    assert set(ranking.OUTCOMES) == {"TP", "FN", "FP", "TN", "?"}


def test_the_table_is_left_as_it_was():
    before = IMAGES.copy()
    ranking.with_outcomes(IMAGES, 0.5)
    pd.testing.assert_frame_equal(IMAGES, before)


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_threshold_scale_holds_all_scores_and_steps_roundly(values):
    scores = np.array([*values, np.nan])
    scale = ranking.threshold_scale(scores)
    assert scale.low < scale.high
    assert all(scale.low <= value <= scale.high for value in values)
    assert (scale.high - scale.low) / scale.step <= 502 + 2
    if values and max(values) - min(values) > 1e-6:
        assert scale.high > max(values)  # a threshold that calls nothing defective can be chosen
        leading = f"{scale.step:.6e}"[0]
        assert leading in "125"


@pytest.mark.parametrize(("current", "expected"), [
    (7, (None, 3)), (3, (7, 5)), (5, (3, None)), (9, (None, 7)),
])
def test_neighbours_follow_the_order(current, expected):
    assert ranking.neighbours([7, 3, 5], current) == expected


def test_nothing_has_no_neighbours():
    assert ranking.neighbours([], 1) == (None, None)


def test_values_that_differ_in_the_last_digit_only_have_a_scale():
    scale = ranking.threshold_scale(np.array([1.1076, np.nextafter(1.1076, 2)]))
    assert scale.low < 1.1 < 1.2 < scale.high
