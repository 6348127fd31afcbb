"""What the operating point refuses, and what it believes of what comes back."""

from __future__ import annotations

import pytest

from pages.ui.components.operating_point import operating_point, released
from pages.ui.review.workspace.histograms import Scores


@pytest.mark.parametrize(("value", "expected"), [
    ([1, 2.5], (1.0, 2.5)), ([2, 2], (2.0, 2.0)), ([3, 2], None), ([1], None), (None, None), ("12", None),
    ([1, None], None), ([1, "2"], None), ([float("nan"), 2], None), ([1, float("inf")], None), ({"low": 1}, None),
])
def test_only_two_ordered_numbers_are_believed(value, expected):
    assert released(value) == expected


def test_one_handle_has_one_threshold():
    with pytest.raises(ValueError, match="low must equal high"):
        operating_point(Scores([], []), 1, 2, key="x", label="", zone=False, on_release=print)


@pytest.mark.parametrize(("low", "high"), [(2, 1), (float("nan"), 1), (0, float("inf"))])
def test_thresholds_that_decide_nothing_are_refused(low, high):
    with pytest.raises(ValueError, match="low <= high"):
        operating_point(Scores([], []), low, high, key="x", label="", on_release=lambda low, high: None)  # noqa: ARG005
